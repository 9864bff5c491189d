// One folder for the files of a whole test run, gone when it ends; `inject('scratch')` gives its path.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    scratch: string;
  }
}

export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
  project.provide('scratch', dir);
  return () => rmSync(dir, { recursive: true, force: true });
}
