// Each right that Bulkhead needs is taken away in turn: what is missing is named, and nothing is taken for empty.
import { candidates, parseServed, readKinds, resourceName } from '../../shared/estate/kubernetes/kinds.ts';
import type { ReadKind } from '../../shared/estate/kubernetes/kinds.ts';
import { clusterRole } from '../../shared/estate/roles.ts';
import type { InCluster } from '../../shared/model/in-cluster.ts';
import { CLUSTER_FILE } from '../../shared/model/reading-roles.ts';
import type { Account } from './account.ts';
import type { Report } from './check.ts';
import type { Client } from './client.ts';
import type { Fixture } from './fixture.ts';
import { clusterOf, readerOf } from './through.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** What the ClusterRole that is shipped lets list. */
const shipped = clusterRole.rules.flatMap(({ apiGroups, resources }) =>
  apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource }))),
);

export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly need: ReadKind['need'];
}

export async function checkRights(account: Account, client: Client, fixture: Fixture, report: Report): Promise<void> {
  const rights = await rightsOf(client);
  report.note(`${rights.length} rights: ${rights.map(({ resource }) => resource).join(', ')}`);
  const whole = await accountWith(client, fixture, 'all', shipped, account);
  const found = await readAs(whole);
  report.check('the role that is shipped reads the whole cluster', isWhole(found), shown(found));
  for (const [i, right] of rights.entries()) {
    const others = shipped.filter(({ group, resource }) => group !== right.group || resource !== right.resource);
    const partial = await readAs(await accountWith(client, fixture, `without-${i}`, others, account));
    report.check(`without ${nameOf(right)}: ${expectation[right.need]}`, isRight(partial, right), shown(partial));
  }
  const stranger = await readAs({ ...account, cert: undefined, key: undefined, token: 'nobody' });
  const isRefused = stranger.status === 'unknown' && stranger.reason === 'forbidden' && /401/.test(stranger.message);
  report.check('a token that nobody knows: unknown, forbidden (401)', isRefused, shown(stranger));
}

const expectation: Readonly<Record<ReadKind['need'], string>> = {
  must: 'unknown, forbidden, by name',
  policy: 'read, and named among the forbidden kinds',
  hint: 'read, and named among what would add detail',
};

function isRight(found: InCluster, right: Right): boolean {
  if (right.need === 'must')
    return (
      found.status === 'unknown' &&
      found.reason === 'forbidden' &&
      found.message.includes(nameOf(right)) &&
      found.remedy.includes(CLUSTER_FILE)
    );
  if (found.status !== 'read') return false;
  const [forbidden, unread] = right.need === 'policy' ? [nameOf(right), ''] : ['', nameOf(right)];
  return found.forbiddenKinds.join() === forbidden && (found.unreadHints ?? []).join() === unread;
}

const nameOf = ({ resource, group }: Right): string => resourceName(resource, group);
const shown = (found: InCluster): unknown =>
  found.status === 'read' ? [found.forbiddenKinds, found.unreadHints] : found;
const isWhole = (found: InCluster): boolean =>
  found.status === 'read' && found.forbiddenKinds.length === 0 && found.unreadHints === undefined;

/** @returns what the reader asks this cluster for, each resource once */
async function rightsOf(client: Client): Promise<readonly Right[]> {
  const served = parseServed(await client.json('GET', '/apis'));
  const rights = new Map<string, Right>();
  for (const kind of readKinds)
    for (const { group, path } of candidates(kind, served).flat()) {
      const { status } = await client.request('GET', `${path}${path.includes('?') ? '&' : '?'}limit=1`);
      const right = { group, resource: kind.resource, need: kind.need };
      if (status === 200) rights.set(nameOf(right), right);
    }
  return [...rights.values()];
}

async function readAs(account: Account): Promise<InCluster> {
  const { reader, close } = await readerOf(account);
  try {
    // As the identity of Bulkhead, in a cluster that authorises by itself.
    return await reader.read({ ...clusterOf('none'), entra: true }, { scanId: 's' }, new AbortController().signal);
  } finally {
    await close();
  }
}

/** @returns the account of a new service account that may list these and nothing else */
export async function accountWith(
  client: Client,
  fixture: Fixture,
  name: string,
  rights: readonly Pick<Right, 'group' | 'resource'>[],
  { server, ca }: Account,
): Promise<Account> {
  const namespace = fixture.namespace('open');
  const role = { name: `${fixture.prefix}-${name}` };
  const rules = rights.map(({ group, resource }) => ({ apiGroups: [group], resources: [resource], verbs: ['list'] }));
  await fixture.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  await fixture.create({ apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: role, rules });
  await fixture.create({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: role,
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status } = (await client.json('POST', path, request)) as { status?: { token?: string } };
  const account = { server, ca, cert: undefined, key: undefined, token: status?.token };
  const last = rights.at(-1);
  if (last) await untilAllowed(client, `system:serviceaccount:${namespace}:${name}`, last);
  return account;
}

/** Roles take effect a moment after they are written. */
async function untilAllowed(
  client: Client,
  user: string,
  { group, resource }: Pick<Right, 'group' | 'resource'>,
): Promise<void> {
  const spec = { user, resourceAttributes: { group, resource, verb: 'list' } };
  for (let tries = 0; tries < 50; tries++) {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    const { status } = (await client.json('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)) as {
      status?: { allowed?: boolean };
    };
    if (status?.allowed) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(`${user} is not allowed to list ${resource} after five seconds`);
}
