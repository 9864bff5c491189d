// Reading 20,000 pods from an API server over TLS: time, and memory above what the process had before.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figure } from './report.ts';
import { mb, ms } from './report.ts';

const PODS = 20_000;
const RUNS = 3;
const fileOf = (name: string): string => fileURLToPath(new URL(`reader/${name}.ts`, import.meta.url));

interface Run {
  readonly ms: number;
  /** Bytes above the baseline at most, while reading, and after compiling as well. */
  readonly read: number;
  readonly compiled: number;
  readonly pods: number;
}

export async function benchReader(): Promise<Figure[]> {
  const server = spawn(process.execPath, [fileOf('server'), String(PODS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await new Promise<string>((resolve) => {
      server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    });
    const { endpoint, bytes } = JSON.parse(line) as { endpoint: string; bytes: number };
    const runs = Array.from({ length: RUNS }, () => readOnce(endpoint)).toSorted((a, b) => a.ms - b.ms);
    const middle = runs[Math.floor(RUNS / 2)]!;
    const most = (figure: 'read' | 'compiled'): string => mb(Math.max(...runs.map((run) => run[figure])));
    const what = `${middle.pods} pods (${mb(bytes)} of JSON)`;
    return [
      { what: `reading ${what} from an API server`, measured: ms(middle.ms), bar: '-' },
      { what: 'memory above the baseline while reading them', measured: most('read'), bar: '200 MB' },
      { what: 'the same with who can reach whom computed', measured: most('compiled'), bar: '200 MB' },
    ];
  } finally {
    server.kill();
  }
}

function readOnce(endpoint: string): Run {
  const run = spawnSync(process.execPath, ['--expose-gc', fileOf('client'), endpoint], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Run;
}
