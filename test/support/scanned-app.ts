// The whole app over memory: an estate that was scanned twice and changed in between, to be asked for real answers.
import { createApp } from '../../shared/app/app.ts';
import type { App } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { InCluster } from '../../shared/model/in-cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import type { QueueName } from '../../shared/ports.ts';
import { auditOne } from '../../shared/scan/audit-cluster.ts';
import { enumerate } from '../../shared/scan/enumerate.ts';
import { auditMessage, enumerateMessage, parseMessage, superviseMessage } from '../../shared/scan/messages.ts';
import { openSlotScan } from '../../shared/scan/open.ts';
import { tick } from '../../shared/scan/supervise.ts';
import { memoryEstate, sampleCluster, withoutEngine } from './estate.ts';
import { SUBSCRIPTION } from './fleet.ts';
import { memoryQueue } from './memory-queue.ts';
import { memoryTables } from './memory-tables.ts';

const UNREADABLE = '00000000-0000-4000-8000-000000000002';
const EXEMPT = 'engine-enabled until 2026-12-01 by ann@contoso.com because it is a lab';

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
});
const policy = (name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'pay' },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
});
const namespaces = ['web', 'pay'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));

function inside({ name }: Cluster, opened: boolean): InCluster {
  if (name === 'private')
    return { status: 'unknown', reason: 'private', message: 'It has no public address.', remedy: 'Connect a network.' };
  const policies = [policy('closed', {}), ...(opened ? [policy('open', { ingress: [{}] })] : [])];
  const raws = [...namespaces, pod('web', 'front'), pod('pay', 'db'), ...policies];
  return { status: 'read', objects: parseObjects(raws).objects, forbiddenKinds: [] };
}

/** Now, when both scans have closed. */
export const scannedAt = new Date('2026-11-21T10:40:00Z');

/**
 * @returns an app that knows `shop` (opened between two scans), `lab` (without engine, exempt), `gone` (deleted in between),
 *   `busy` (upgrading), `private` (nobody can look inside), `twin` twice, and a subscription that cannot be read; its firing alerts are told to nobody
 */
export async function scannedApp(): Promise<App> {
  const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
  const messages: { readonly queue: QueueName; readonly body: string }[] = [];
  let now = new Date('2026-11-21T10:00:10Z');
  let opened = false;
  let nonce = 0;
  const estate = new Map([
    [SUBSCRIPTION, { name: 'Retail', clusters: new Map(clusters().map((cluster) => [cluster.id, cluster])) }],
    [
      UNREADABLE,
      { name: 'Finance', clusters: new Map<string, Cluster>(), unreadable: 'Azure refuses to let it be read.' },
    ],
  ]);
  const app = createApp(config, {
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tables: memoryTables(),
    queue: memoryQueue((queue, body) => messages.push({ queue, body })),
    estate: memoryEstate(estate),
    reader: { read: async (cluster) => inside(cluster, opened) },
    nonce: () => `n${++nonce}`,
  });
  const scan = async (): Promise<void> => {
    const { scan: current } = await openSlotScan(app.scan);
    // A tick sends itself again for as long as the scan is open; by the time none is left, all of it is done.
    for (let message = messages.shift(); message; message = messages.shift()) await work(app, message);
    const done = await app.api.scan(current.id);
    if (done?.scan.state !== 'closed') throw new Error(`The scan ${current.id} did not close`);
  };
  await scan();
  now = new Date('2026-11-21T10:30:10Z');
  opened = true;
  for (const [id, { name }] of estate.get(SUBSCRIPTION)!.clusters)
    if (name === 'gone') estate.get(SUBSCRIPTION)!.clusters.delete(id);
  await scan();
  now = scannedAt;
  return app;
}

const clusters = (): readonly Cluster[] => [
  sampleCluster(SUBSCRIPTION, 'shop', { tags: { team: 'web' } }),
  withoutEngine(sampleCluster(SUBSCRIPTION, 'lab', { tags: { 'bulkhead-exempt': EXEMPT } })),
  sampleCluster(SUBSCRIPTION, 'gone'),
  sampleCluster(SUBSCRIPTION, 'busy', { provisioning: 'upgrading' }),
  sampleCluster(SUBSCRIPTION, 'private', { privateApi: true }),
  sampleCluster(SUBSCRIPTION, 'twin'),
  {
    ...sampleCluster(SUBSCRIPTION, 'twin'),
    id: sampleCluster(SUBSCRIPTION, 'twin').id.replace('/rg/', '/other/'),
    resourceGroup: 'other',
  },
];

async function work({ scan }: App, { queue, body }: { readonly queue: QueueName; readonly body: string }) {
  const message: unknown = JSON.parse(body);
  const signal = new AbortController().signal;
  if (queue === 'enumerate') return enumerate(scan, parseMessage('enumerate', enumerateMessage, message), signal);
  if (queue === 'audit') return auditOne(scan, parseMessage('audit', auditMessage, message), signal);
  if (queue === 'deliver') return;
  const parsed = parseMessage('supervise', superviseMessage, message);
  if (parsed.kind === 'tick') await tick(scan, parsed);
}
