// A small local Functions host: Microsoft's own `@azure/functions` does the conversions, this starts what triggers them.
import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import type { HostLog } from './core.ts';
import { installCore } from './core.ts';
import type { HostKeys } from './http.ts';
import { createHttpDoor } from './http.ts';
import { startQueues } from './queues.ts';
import { startTimers } from './timers.ts';

export interface HostOptions {
  /** Imports the modules that register functions; called once the host is in place. */
  readonly loadFunctions: () => Promise<unknown>;
  readonly connectionString: string;
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** The parsed host.json. */
  readonly hostJson: HostJson;
  /** 0: any free port. */
  readonly port: number;
  /** Left out, no key is asked for, as with Core Tools locally. */
  readonly keys: HostKeys | undefined;
  /** Whom platform authentication knows, as `x-ms-client-principal`; left out, there is none. */
  readonly principal?: string;
  readonly log: HostLog;
  /** When off, only queues and runs by hand work. */
  readonly timers: boolean;
  /** Seconds until a message that a dead process held comes back. Left out, ten minutes as in Azure. */
  readonly invisibleSeconds?: number;
}

/** The real queue trigger hides a message for ten minutes at a time. */
const INVISIBLE_SECONDS = 600;

/** What the real host takes where no setting says less. */
const HOST_BODY_BYTES = 104_857_600;

export interface HostJson {
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly queues?: {
      readonly batchSize?: number;
      readonly maxDequeueCount?: number;
      readonly visibilityTimeout?: string;
      readonly messageEncoding?: string;
    };
  };
}

export interface Host {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws when a function cannot be loaded, a schedule is wrong, or the port is taken */
export async function startHost(options: HostOptions): Promise<Host> {
  const core = installCore(options.log);
  await options.loadFunctions();
  const failed = (name: string, error: unknown): void =>
    options.log('error', `[${name}] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const resolve = (text: string): string =>
    text.replaceAll(/%(\w+)%/g, (_whole, name: string) => {
      const value = options.settings[name];
      if (value === undefined) throw new Error(`Setting ${name} is used by a trigger but not set`);
      return value;
    });
  const { queues: queueJson, http } = options.hostJson.extensions ?? {};
  const timers = startTimers(core, resolve, failed);
  if (!options.timers) timers.stop();
  const door = createHttpDoor(core, {
    prefix: http?.routePrefix ?? 'api',
    keys: options.keys,
    principal: options.principal,
    mostBodyBytes: Number(options.settings['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'] || HOST_BODY_BYTES),
    runTimer: (name) => timers.run(name),
    failed,
  });
  const server = createServer((incoming, outgoing) => {
    door(incoming, outgoing).catch((error: unknown) => {
      failed('http', error);
      outgoing.statusCode = 500;
      outgoing.end();
    });
  });
  const port = await listenOnLoopback(server, options.port);
  const queues = startQueues(
    core,
    options.connectionString,
    {
      batchSize: (queueJson?.batchSize ?? 16) + 8,
      maxDequeueCount: queueJson?.maxDequeueCount ?? 5,
      retrySeconds: seconds(queueJson?.visibilityTimeout ?? '00:00:00'),
      invisibleSeconds: options.invisibleSeconds ?? INVISIBLE_SECONDS,
      base64: (queueJson?.messageEncoding ?? 'base64') === 'base64',
    },
    failed,
  );
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      timers.stop();
      await queues.stop();
      await core.hook('appTerminate', { hookData: {}, appHookData: {} });
      await closeServer(server);
    },
  };
}

/** @param span `hh:mm:ss` */
function seconds(span: string): number {
  const [hours = 0, minutes = 0, secs = 0] = span.split(':').map(Number);
  return hours * 3600 + minutes * 60 + secs;
}
