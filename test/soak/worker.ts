// The process that a soak kills: the composed app on the local Functions host, on storage, Azure and chat that live elsewhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedAccess } from '../../infra/local/azure/access.ts';
import type { HostJson } from '../../infra/local/host/host.ts';
import { startHost } from '../../infra/local/host/host.ts';
import { loadFunctions, root } from '../../infra/local/runtime.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import { createLog } from '../../shared/log.ts';
import { fastClock } from './clock.ts';
import type { WorkerSettings } from './process.ts';

/** Messages of a killed process come back soon. */
const INVISIBLE_SECONDS = 4;
const RETRY_AFTER = '00:00:01';

// Whoever started this process is gone: nobody would ever end it.
process.once('disconnect', () => process.exit(0));

const { settings, azure, start, skew, port } = JSON.parse(process.argv[2] ?? '') as WorkerSettings;
const clock = fastClock(start, skew);
const log = createLog(clock, (_level, line) => process.stdout.write(`${line}\n`));
useApp(createApp(readConfig(settings), { clock, log, ...simulatedAccess(azure) }));
const hostJson = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as HostJson;
const { extensions } = hostJson;
await startHost({
  loadFunctions,
  connectionString: settings['AzureWebJobsStorage'] ?? '',
  settings,
  hostJson: {
    ...hostJson,
    extensions: { ...extensions, queues: { ...extensions?.queues, visibilityTimeout: RETRY_AFTER } },
  },
  port,
  keys: undefined,
  log: (level, text) => {
    if (level === 'error') log.error('function failed', { text });
  },
  timers: true,
  invisibleSeconds: INVISIBLE_SECONDS,
});
