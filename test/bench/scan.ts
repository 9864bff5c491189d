// A whole scan of 5,000 clusters in 500 subscriptions: real emulator, simulated Azure with Azure's throttling, each in a process of its own.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { simulatedAccess } from '../../infra/local/azure/access.ts';
import { startAzurite } from '../../infra/local/azurite.ts';
import type { HostJson } from '../../infra/local/host/host.ts';
import { startHost } from '../../infra/local/host/host.ts';
import { loadFunctions, root } from '../../infra/local/runtime.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Figure } from './report.ts';
import { mb } from './report.ts';

const SUBSCRIPTIONS = 500;
const CLUSTERS_EACH = 10;
const CLUSTERS = SUBSCRIPTIONS * CLUSTERS_EACH;

/** Requests one subscription needs over what its buckets hold, at their refill: LIST 500 + 1/s, other reads 60 + 1/s, ARM reads 250 + 25/s. */
const floorSeconds = Math.max(0, 1 - 500, CLUSTERS_EACH - 60, (CLUSTERS_EACH + 1 - 250) / 25);

async function startAzureProcess(): Promise<{ endpoint: string; stop(): void }> {
  const main = fileURLToPath(new URL('../../infra/local/azure/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [main, '--subscriptions', String(SUBSCRIPTIONS), '--clusters', String(CLUSTERS_EACH)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  return { ...(JSON.parse(line) as { endpoint: string }), stop: () => void child.kill() };
}

export async function benchScan(): Promise<Figure[]> {
  const azurite = await startAzurite();
  const azure = await startAzureProcess();
  const calls = new Map<string, number>();
  const settings = {
    AzureWebJobsStorage: azurite.connectionString,
    BULKHEAD_IN_CLUSTER: 'off',
    BULKHEAD_SCAN_DEADLINE_MINUTES: '60',
  };
  const app = createApp(readConfig(settings), {
    ...simulatedAccess(azure.endpoint),
    log: { info: () => undefined, warn: () => undefined, error: (message, fields) => console.error(message, fields) },
    onStorageCall: (operation) => calls.set(operation, (calls.get(operation) ?? 0) + 1),
  });
  useApp(app);
  const host = await startHost({
    loadFunctions,
    connectionString: azurite.connectionString,
    settings,
    hostJson: JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as HostJson,
    port: 0,
    keys: undefined,
    log: () => undefined,
    timers: false,
  });
  const baseRss = process.memoryUsage().rss;
  const figures: Figure[] = [];
  for (const name of ['first', 'unchanged'] as const) {
    calls.clear();
    const started = performance.now();
    const { scan } = await app.api.openScan('bench');
    for (;;) {
      const found = await app.api.scan(scan.id);
      if (found?.scan.state === 'closed' && found.scan.dispatched) break;
      await pause(1_000);
    }
    const seconds = (performance.now() - started) / 1000;
    const fleet = await app.api.fleet();
    if (fleet?.clusters.length !== CLUSTERS)
      throw new Error(`The scan found ${fleet?.clusters.length} clusters, not ${CLUSTERS}`);
    const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
    const perCluster = ['Results.get', 'Results.replace', 'Results.transact', 'Fleet.upsert', 'Work.delete'].map(
      (name) => `${app.config.tablePrefix}${name}`,
    );
    const counted = perCluster.reduce((sum, operation) => sum + (calls.get(operation) ?? 0), 0);
    figures.push(
      {
        what: `${name} scan of ${CLUSTERS} clusters, wall`,
        measured: `${seconds.toFixed(1)} s`,
        bar: `throttling alone: ${floorSeconds} s`,
      },
      {
        what: `  table calls per audited cluster (all storage calls / cluster)`,
        measured: `${(counted / CLUSTERS).toFixed(2)} (${(total / CLUSTERS).toFixed(2)})`,
        bar: name === 'unchanged' ? '3' : '-',
      },
    );
  }
  const asked = performance.now();
  await app.api.fleet();
  figures.push(
    { what: '  fleet for the API, cached', measured: `${(performance.now() - asked).toFixed(1)} ms`, bar: '50 ms' },
    {
      what: '  peak memory of the process (at rest before)',
      measured: `${mb(process.resourceUsage().maxRSS * 1024)} (${mb(baseRss)})`,
      bar: '400 MB',
    },
  );
  await host.close();
  azure.stop();
  await azurite.close();
  return figures;
}
