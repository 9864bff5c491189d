// Tables in the emulator that nobody else uses.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { Tables } from '../../shared/ports.ts';
import { createTables } from '../../shared/store/azure-tables.ts';

export const emulatorTables = (): Tables =>
  createTables({
    target: { connectionString: inject('azurite') },
    prefix: `t${randomUUID().replaceAll('-', '').slice(0, 12)}`,
    // Only against hanging: a busy machine may take long.
    timeoutMs: 60_000,
  });
