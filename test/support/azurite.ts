// One real storage emulator for the whole test run; `inject('azurite')` gives its connection string.
import type { TestProject } from 'vitest/node';
import { startAzurite } from '../../infra/local/azurite.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    azurite: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const azurite = await startAzurite();
  project.provide('azurite', azurite.connectionString);
  return () => azurite.close();
}
