// Applications come and go while the cluster is read: no pod may be seen without the policy that was made before it.
import type { Account } from './account.ts';
import type { Report } from './check.ts';
import type { Client } from './client.ts';
import { pathOf } from './client.ts';
import type { Fixture } from './fixture.ts';
import { clusterOf, readerOf } from './through.ts';
import { podOf } from './truth.ts';

const READS = 5;
const AT_A_TIME = 20;

export async function checkChurn(account: Account, client: Client, fixture: Fixture, report: Report): Promise<void> {
  const namespace = fixture.namespace('open');
  const { reader, close } = await readerOf(account);
  let isOver = false;
  const churning = churn(client, namespace, () => isOver);
  try {
    let seen = 0;
    const lonely: string[] = [];
    for (let i = 0; i < READS; i++) {
      const found = await reader.read(clusterOf('none'), { scanId: 's' }, new AbortController().signal);
      if (found.status !== 'read') throw new Error(found.message);
      const policies = new Set(found.objects.policies.map(({ name }) => name));
      const pods = found.objects.pods.filter((pod) => pod.namespace === namespace && pod.name.startsWith('churn-'));
      seen += pods.length;
      lonely.push(...pods.flatMap(({ name }) => (policies.has(name) ? [] : [name])));
    }
    report.note(`${seen} pods of applications that came and went were seen in ${READS} reads`);
    report.check('no pod is read without the policy that was made before it', seen > 0 && lonely.length === 0, lonely);
  } finally {
    isOver = true;
    await Promise.all([churning, close()]);
  }
}

/** The policy comes before its pod and goes after it. */
async function churn(client: Client, namespace: string, isOver: () => boolean): Promise<void> {
  const standing: string[] = [];
  const remove = async (name: string): Promise<void> => {
    await client.remove(pathOf(podOf(namespace, name)));
    await client.remove(pathOf(policyOf(namespace, name)));
  };
  for (let i = 0; !isOver(); i++) {
    const name = `churn-${i}`;
    await client.create(policyOf(namespace, name));
    await client.create(podOf(namespace, name));
    standing.push(name);
    if (standing.length > AT_A_TIME) await remove(standing.shift()!);
  }
  for (const name of standing) await remove(name);
}

const policyOf = (namespace: string, name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: { matchLabels: { app: name } }, policyTypes: ['Ingress'] },
});
