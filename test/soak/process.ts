// The worker as its killer sees it: started, killed, started again.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface WorkerSettings {
  readonly settings: Readonly<Record<string, string>>;
  /** Where the simulated Azure listens. */
  readonly azure: string;
  /** Of the fast clock. */
  readonly start: number;
  /** How far this worker's clock is ahead, in milliseconds. */
  readonly skew: number;
  readonly port: number;
}

export interface Worker {
  /** What it said when it ended although nobody killed it. */
  readonly deaths: readonly string[];
  start(): void;
  /** Ends it at once, wherever it is. */
  kill(): Promise<void>;
}

/** @param logFile file descriptor that gets what the process logs */
export function createWorker(given: WorkerSettings, logFile: number): Worker {
  const main = fileURLToPath(new URL('worker.ts', import.meta.url));
  const args = ['--disable-warning=DEP0040', main, JSON.stringify(given)];
  const deaths: string[] = [];
  let running: { readonly ended: Promise<void>; kill(): void } | undefined;
  return {
    deaths,
    start() {
      const child = spawn(process.execPath, args, { stdio: ['ignore', logFile, logFile, 'ipc'] });
      let killed = false;
      const ended = new Promise<void>((resolve) => {
        child.once('exit', (code) => {
          if (!killed) deaths.push(`the worker ended by itself with code ${code}, its log tells why`);
          resolve();
        });
      });
      const kill = (): void => {
        killed = true;
        child.kill('SIGKILL');
      };
      running = { ended, kill };
    },
    async kill() {
      running?.kill();
      await running?.ended;
    },
  };
}
