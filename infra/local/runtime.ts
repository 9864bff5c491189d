// Everything of a local run, started in order and stopped in reverse: storage emulator, simulated Azure, functions, chat window.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from '../../shared/app/app.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Log } from '../../shared/ports.ts';
import { simulatedAccess } from './azure/access.ts';
import type { SimulatedAzure } from './azure/server.ts';
import { startAzurite } from './azurite.ts';
import { LOCAL_TENANT, developerPrincipal } from './developer.ts';
import type { Host, HostJson } from './host/host.ts';
import { startHost } from './host/host.ts';
import type { Playground } from './playground.ts';
import { startPlayground } from './playground.ts';
import type { StartOptions } from './options.ts';
import { freePort } from './loopback.ts';
import { startSimulation } from './simulation.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Everything a local run writes is below this. */
export const localDir = join(root, '.local');

export interface Runtime {
  readonly app: App;
  readonly host: Host;
  readonly azure: SimulatedAzure | undefined;
  readonly playground: Playground | undefined;
  /** Key for the HTTP API where it asks for one. */
  readonly key: string | undefined;
  close(): Promise<void>;
}

/**
 * @param log gets what the product logs
 * @param warn gets sentences for the person at the terminal
 * @throws ConfigError, or when a part does not start; what was started is stopped again
 */
export async function startRuntime(
  options: StartOptions,
  log: Log,
  warn: (sentence: string) => void,
): Promise<Runtime> {
  const stops: (() => Promise<void>)[] = [];
  const started = <T extends { close(): Promise<void> }>(part: T): T => {
    stops.push(() => part.close());
    return part;
  };
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    const dataDir = dataDirOf(options);
    const azurite = started(await startAzurite(dataDir === undefined ? {} : { dataDir }));
    const estateDir = options.estate ?? join(root, 'infra/local/estate');
    const azure = options.azure ? undefined : started(await startSimulation({ estateDir, warn, pageSize: 4 }));
    const settings = {
      ...withoutStorage(process.env),
      AzureWebJobsStorage: azurite.connectionString,
      BULKHEAD_BOT_ANONYMOUS: 'on',
      // The local host stands in for App Service authentication.
      WEBSITE_AUTH_ENABLED: 'true',
      BULKHEAD_API_TENANT_ID: LOCAL_TENANT,
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576',
    };
    const simulated = azure ? simulatedAccess(azure.endpoint) : {};
    const app = createApp(readConfig(settings), { log, ...simulated });
    useApp(app);
    const port = await freePort(options.port);
    if (port !== options.port && options.port !== 0) warn(`Port ${options.port} is taken; ${port} is used instead.`);
    const key = options.azure ? randomBytes(18).toString('base64url') : undefined;
    const host = started(
      await startHost({
        loadFunctions,
        connectionString: azurite.connectionString,
        settings,
        hostJson: JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as HostJson,
        port,
        keys: key === undefined ? undefined : { functions: [key], master: key },
        principal: developerPrincipal(),
        log: (level, text) => {
          if (level === 'error') log.error('function failed', { text });
        },
        timers: !options.once,
      }),
    );
    const playground = options.chat ? started(await startChat(host, options.chatPort)) : undefined;
    return { app, host, azure, playground, key, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A local run keeps everything in its own emulator, whatever the shell has set for a deployment. */
const withoutStorage = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AzureWebJobsStorage')));

/** @returns the folder for stored data, made if need be; undefined to keep the data in memory */
function dataDirOf({ data, once, azure }: StartOptions): string | undefined {
  const dir = data ?? (once ? undefined : join(localDir, 'data', azure ? 'azure' : 'simulated'));
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  return dir;
}

const startChat = async ({ url }: Host, wanted: number): Promise<Playground> =>
  startPlayground({
    endpoint: `${url}/api/messages`,
    port: await freePort(wanted),
    home: join(localDir, 'playground'),
  });

/** Every door, as the deployed package loads them. */
export async function loadFunctions(): Promise<void> {
  await import('../../functions/invocation-log.ts');
  await import('../../functions/scan-timer.ts');
  await import('../../functions/wake-timer.ts');
  await import('../../functions/enumerate.ts');
  await import('../../functions/audit.ts');
  await import('../../functions/supervise.ts');
  await import('../../functions/deliver.ts');
  await import('../../functions/poison.ts');
  await import('../../functions/messages.ts');
  await import('../../functions/api.ts');
}
