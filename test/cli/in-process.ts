// Commands as a pipeline runs them, in this process; and folders of files for them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Command } from '../../infra/cli/program.ts';
import { printable } from '../../infra/cli/table.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dir = mkdtempSync(join(inject('scratch'), 'cli-'));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @returns what the command printed and returned, as its process would */
export function runHere(command: Command, args: readonly string[], stdin = '', width?: number): Ran {
  let [stdout, stderr] = ['', ''];
  const status = command(args, {
    stdin: () => Buffer.from(stdin),
    out: (text) => void (stdout += text),
    say: (message) => void (stderr += `${printable(message)}\n`),
    table: { width, color: false },
  });
  return { status, stdout, stderr };
}

/** @returns the same from a process of its own */
export const spawned = (name: 'audit' | 'connectivity', args: readonly string[], input = ''): Ran =>
  spawnSync(process.execPath, [`infra/cli/${name}.ts`, ...args], { cwd: root, encoding: 'utf8', input });

let count = 0;
/** @param files contents by path @returns a new folder that holds them */
export function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const made = join(dir, String(++count));
  for (const [path, content] of Object.entries(files)) {
    const full = join(made, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }
  return made;
}

/** @returns a new file with the content, as JSON unless it is text or bytes */
export function file(content: unknown, name = 'clusters.json'): string {
  const raw = typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  return join(folder({ [name]: raw }), name);
}
