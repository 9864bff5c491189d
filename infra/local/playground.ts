// The Microsoft 365 Agents Playground as the local chat window: a child process that listens on loopback only and writes only below a given folder.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Playground {
  readonly url: string;
  close(): Promise<void>;
}

const READY_MS = 30_000;

/**
 * @param endpoint where the bot takes messages
 * @param home a folder that the playground may write to
 * @throws when it ends or does not listen in time, with what it printed
 */
export async function startPlayground(options: { endpoint: string; port: number; home: string }): Promise<Playground> {
  const cli = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
  const preload = fileURLToPath(new URL('./loopback-only.mjs', import.meta.url));
  mkdirSync(options.home, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      '--import',
      preload,
      cli,
      '-e',
      options.endpoint,
      '-c',
      'msteams',
      '--port',
      String(options.port),
      '--disable-telemetry',
    ],
    {
      cwd: options.home,
      env: {
        ...process.env,
        BROWSER: 'none',
        HOME: options.home,
        USERPROFILE: options.home,
        XDG_CONFIG_HOME: join(options.home, '.config'),
        TMPDIR: options.home,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = `http://127.0.0.1:${options.port}`;
  await untilReady(url, () => {
    if (child.exitCode !== null) throw new Error(`The chat window ended with code ${child.exitCode}: ${printed}`);
  });
  return {
    url,
    async close() {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exited;
      clearTimeout(giveUp);
    },
  };
}

async function untilReady(url: string, check: () => void): Promise<void> {
  const end = Date.now() + READY_MS;
  while (Date.now() < end) {
    check();
    const answered = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`The chat window did not listen on ${url} within ${READY_MS / 1000} s`);
}
