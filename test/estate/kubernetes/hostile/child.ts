// Reads and judges clusters as the deployed worker does, in a process with a heap as small as the worker's; prints what came of each.
import { readFileSync } from 'node:fs';
import { loopbackHttpClient } from '../../../../infra/local/azure/http-client.ts';
import { auditCluster } from '../../../../shared/audit/audit.ts';
import { createKubernetesReader, defaultReaderLimits } from '../../../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../../../shared/estate/retry.ts';
import { sampleCluster } from '../../../support/estate.ts';
import { memoryRations } from '../../../support/rations.ts';

export interface Asked {
  readonly armEndpoint: string;
  /** Called `cluster-0` and so on. */
  readonly clusters: readonly { readonly name: string; readonly totalMs: number }[];
  /** As the worker reads them, or one after the other. */
  readonly atOnce: boolean;
}

export interface Told {
  readonly name: string;
  /** `read`, or the reason why not. */
  readonly outcome: string;
  readonly message: string;
  readonly findings: number;
  readonly pods: number;
  readonly ms: number;
  /** The most memory that the process has had by then. */
  readonly rss: number;
}

const { armEndpoint, clusters, atOnce } = JSON.parse(process.argv[2]!) as Asked;
const reader = createKubernetesReader({
  credential: { getToken: async () => ({ token: 'kubernetes-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  endpoint: armEndpoint,
  httpClient: loopbackHttpClient(),
  rations: memoryRations(),
  allowLocalAccounts: false,
  runCommand: false,
  armLimits: { ...defaultLimits, baseDelayMs: 1 },
  limits: { ...defaultReaderLimits, connection: { ...defaultReaderLimits.connection, baseDelayMs: 1 } },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  clock: { now: () => new Date() },
});
let told: Told[] = [];
if (atOnce) told = await Promise.all(clusters.map(read));
else for (const [i, cluster] of clusters.entries()) told.push(await read(cluster, i));
process.stdout.write(JSON.stringify(told));
process.exit(0);

async function read({ name, totalMs }: Asked['clusters'][number], i: number): Promise<Told> {
  // Where the process dies, this is the last that is heard of it.
  process.stderr.write(`reading ${name}\n`);
  const started = performance.now();
  const cluster = sampleCluster('s', `cluster-${i}`, { authorizedIpRanges: [] });
  const inCluster = await reader.read(cluster, { scanId: 's' }, AbortSignal.timeout(totalMs));
  const { findings } = auditCluster({ cluster, inCluster, now: new Date(), excludedNamespaces: [] });
  return {
    name,
    outcome: inCluster.status === 'read' ? 'read' : inCluster.reason,
    message: inCluster.status === 'read' ? '' : inCluster.message,
    findings: findings.length,
    pods: inCluster.status === 'read' ? inCluster.objects.pods.length : 0,
    ms: performance.now() - started,
    rss: mostMemory(),
  };
}

/** On Linux a new process begins with the most that its parent has had, which may be a test runner: its own is told elsewhere. */
function mostMemory(): number {
  const own = process.platform === 'linux' && /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) * 1024;
}
