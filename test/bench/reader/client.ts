// Reads the one cluster behind an ARM endpoint in a fresh process, and prints what that took as JSON.
import { loopbackHttpClient } from '../../../infra/local/azure/http-client.ts';
import { createKubernetesReader } from '../../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../../shared/estate/retry.ts';
import { sampleCluster } from '../../support/world.ts';

const endpoint = process.argv[2]!;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const reader = createKubernetesReader({
  credential: { getToken: async () => ({ token: 'kubernetes-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  endpoint,
  httpClient: loopbackHttpClient(),
  allowLocalAccounts: false,
  runCommand: false,
  armLimits: defaultLimits,
  log: quiet,
  clock: { now: () => new Date() },
});
await import('undici');
globalThis.gc?.();
const baseline = process.memoryUsage().rss;
const started = performance.now();
const found = await reader.read(sampleCluster('s', 'big'), { scanId: 's' }, new AbortController().signal);
const ms = performance.now() - started;
if (found.status !== 'read') throw new Error(found.message);
const peak = process.resourceUsage().maxRSS * 1024;
globalThis.gc?.();
const kept = process.memoryUsage().heapUsed;
process.stdout.write(JSON.stringify({ ms, above: peak - baseline, kept, pods: found.objects.pods.length }));
process.exit(0);
