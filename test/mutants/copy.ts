// A copy of the tree to put faults into: nobody's work is touched, and what is not committed yet is in it.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../../infra/local/runtime.ts';

export interface Copy {
  readonly dir: string;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(): void;
}

const LEFT_OUT = new Set(['node_modules', '.git', '.local', 'dist']);

export function copyTree(): Copy {
  const dir = mkdtempSync(join(tmpdir(), 'bulkhead-mutants-'));
  cpSync(root, dir, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return {
    dir,
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    write: (file, text) => writeFileSync(join(dir, file), text),
    remove: () => rmSync(dir, { recursive: true }),
  };
}
