// Starts the real storage emulator as a child process on free loopback ports.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

export interface Azurite {
  /** For tables and queues; loopback http, the emulator's well-known development account. */
  readonly connectionString: string;
  close(): Promise<void>;
}

/** The account name and key every copy of the emulator has; documented, and not a secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  /** Where rows and messages persist; without it they live in memory and die with the process. */
  readonly dataDir?: string;
  /** Free ones unless given. */
  readonly ports?: Readonly<Record<'blob' | 'queue' | 'table', number>>;
}

/**
 * @throws when the emulator ends before it listens, with what it printed
 */
export async function startAzurite({ dataDir, ports: wanted }: AzuriteOptions = {}): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const storage = dataDir ? ['--location', dataDir] : ['--inMemoryPersistence'];
  const quiet = ['--silent', '--skipApiVersionCheck', '--disableTelemetry'];
  const hosts = (['blob', 'queue', 'table'] as const).flatMap((service) => {
    const port = String(wanted?.[service] ?? 0);
    return [`--${service}Host`, '127.0.0.1', `--${service}Port`, port];
  });
  const child = spawn(process.execPath, [main, ...storage, ...quiet, ...hosts], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ports = await new Promise<Record<string, string>>((resolve, reject) => {
    const seen: Record<string, string> = {};
    let printed = '';
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      for (const [, service, port] of printed.matchAll(/(Blob|Queue|Table) service[^\n]*?listening[^\n]*?:(\d+)/g))
        seen[service!.toLowerCase()] = port!;
      if (seen['blob'] && seen['queue'] && seen['table']) resolve(seen);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`The storage emulator ended with code ${code}: ${printed}`)));
  });
  const endpoint = (service: string): string => `http://127.0.0.1:${ports[service]}/${ACCOUNT}`;
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${KEY}`,
      `BlobEndpoint=${endpoint('blob')}`,
      `QueueEndpoint=${endpoint('queue')}`,
      `TableEndpoint=${endpoint('table')}`,
      '',
    ].join(';'),
    close: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
