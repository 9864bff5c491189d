// Reads the one cluster behind an ARM endpoint in a fresh process, and prints what that took as JSON.
import { loopbackHttpClient } from '../../../infra/local/azure/http-client.ts';
import { createKubernetesReader } from '../../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../../shared/estate/retry.ts';
import { compile, exposureOf } from '../../../shared/network/index.ts';
import { sampleCluster } from '../../support/estate.ts';
import { memoryRations } from '../../support/rations.ts';

const endpoint = process.argv[2]!;
const cluster = sampleCluster('s', 'big');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const reader = createKubernetesReader({
  credential: { getToken: async () => ({ token: 'kubernetes-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  endpoint,
  httpClient: loopbackHttpClient(),
  allowLocalAccounts: false,
  runCommand: false,
  armLimits: defaultLimits,
  log: quiet,
  rations: memoryRations(),
  clock: { now: () => new Date() },
});
await import('undici');
globalThis.gc?.();
const baseline = process.memoryUsage().rss;
const started = performance.now();
const found = await reader.read(cluster, { scanId: 's' }, new AbortController().signal);
const ms = performance.now() - started;
if (found.status !== 'read') throw new Error(found.message);
const read = process.resourceUsage().maxRSS * 1024 - baseline;
const exposure = exposureOf(compile(found.objects));
const compiled = process.resourceUsage().maxRSS * 1024 - baseline;
process.stdout.write(JSON.stringify({ ms, read, compiled, pods: found.objects.pods.length, exposure }));
process.exit(0);
