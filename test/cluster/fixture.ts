// Puts the objects of the test into a cluster, and takes them away again.
import type { KubeObject } from '../../infra/local/kubernetes/object.ts';
import { apiVersionOf, resourceOf } from '../../infra/local/kubernetes/resources.ts';
import type { Client } from './client.ts';
import { pathOf } from './client.ts';
import type { Case } from './truth.ts';
import { cases, namespaceOf, otherPods, podOf } from './truth.ts';

export interface Fixture {
  /** Starts the name of everything that the test creates. */
  readonly prefix: string;
  /** Those whose kinds the cluster knows. */
  readonly cases: readonly Case[];
  readonly skipped: readonly Case[];
  namespace(name: string): string;
  create(object: KubeObject): Promise<void>;
  remove(): Promise<void>;
}

/** Creates everything. */
export async function createFixture(client: Client, prefix: string): Promise<Fixture> {
  const made: KubeObject[] = [];
  const namespace = (name: string): string => `${prefix}-${name}`;
  let isOver = false;
  const create = async (object: KubeObject): Promise<void> => {
    if (isOver) throw new Error('the test is over');
    // Noted first: whoever stops now finds it, and what is not there needs no removing.
    made.push(object);
    await client.create(object);
  };
  const known: Case[] = [];
  for (const test of cases) if (await isKnown(client, test)) known.push(test);
  const fixture: Fixture = {
    prefix,
    cases: known,
    skipped: cases.filter((test) => !known.includes(test)),
    namespace,
    create,
    remove: () => {
      isOver = true;
      return removeAll(client, made);
    },
  };
  try {
    for (const { name, policies } of known) {
      await create(namespaceOf(namespace(name)));
      await create(podOf(namespace(name), 'web'));
      for (const policy of policies(namespace(name))) await create(policy);
    }
    for (const pod of otherPods(namespace('open'))) await create(pod);
    for (const [name, phase] of [
      ['succeeded', 'Succeeded'],
      ['failed', 'Failed'],
    ])
      await client.json('PATCH', `/api/v1/namespaces/${namespace('open')}/pods/${name}/status`, { status: { phase } });
    return fixture;
  } catch (error) {
    await fixture.remove();
    throw error;
  }
}

async function isKnown(client: Client, { policies }: Case): Promise<boolean> {
  for (const policy of policies('any')) {
    const resource = resourceOf(policy);
    if (!resource) return false;
    const { status } = await client.request('GET', `/apis/${apiVersionOf(resource)}/${resource.plural}?limit=1`);
    if (status !== 200) return false;
  }
  return true;
}

async function removeAll(client: Client, made: readonly KubeObject[]): Promise<void> {
  const namespaces = made.filter(({ kind }) => kind === 'Namespace');
  // What comes and goes while the cluster is read is noted nowhere.
  for (const { metadata } of namespaces)
    for (const [group, resource] of [
      ['api', 'pods'],
      ['apis/networking.k8s.io', 'networkpolicies'],
    ])
      await client.remove(`/${group}/v1/namespaces/${metadata.name}/${resource}`);
  for (const object of made.toReversed()) await client.remove(pathOf(object));
  // An API server without controllers leaves namespaces on their way out for ever.
  for (const object of namespaces)
    await client.request('PUT', `${pathOf(object)}/finalize`, { ...object, spec: { finalizers: [] } });
}
