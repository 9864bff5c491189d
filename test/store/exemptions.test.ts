// Exemption entries in memory and in the emulator: made, ended early, kept as evidence, purged.
import { describe, expect, test } from 'vitest';
import type { ExemptionEntry } from '../../shared/model/exemption.ts';
import {
  addExemption,
  endExemption,
  exemptionId,
  listExemptions,
  purgeExemptions,
} from '../../shared/store/exemptions.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';

const entry = (id: string, more: Partial<ExemptionEntry> = {}): ExemptionEntry => ({
  id,
  cluster: 'shop*',
  rule: 'engine-enabled',
  owner: 'ann@contoso.example',
  reason: 'It is a “lab” / until spring.',
  expires: '2027-01-01T00:00:00.000Z',
  createdBy: 'bob',
  createdAt: '2026-11-01T00:00:00.000Z',
  ...more,
});

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('entries in %s', (_where, make) => {
  const table = make().Alerts;

  test('come back as they were made, newest first', async () => {
    const older = entry('b000000000');
    const newer = entry('a000000000', { createdAt: '2026-11-02T00:00:00.000Z', subject: 'namespace/*' });
    await addExemption(table, older);
    await addExemption(table, newer);
    expect(await listExemptions(table)).toEqual([newer, older]);
  });

  test('are never overwritten by another of the same id', async () => {
    expect(await addExemption(table, entry('a000000000', { owner: 'eve' }))).toBe('exists');
    expect(await listExemptions(table)).not.toContainEqual(expect.objectContaining({ owner: 'eve' }));
  });

  test('end at once and stay, with who ended them and the end they were to have; ending again changes nothing', async () => {
    const now = new Date('2026-11-21T10:00:00Z');
    expect(await endExemption(table, 'b000000000', now, 'robin')).toBe('ended');
    expect(await endExemption(table, 'b000000000', new Date('2026-11-22T10:00:00Z'), 'eve')).toBe('ended');
    for (const id of ['0', 'never', '', '/', '#?', '\\', '\u0000', 'x'.repeat(2_000)])
      expect(await endExemption(table, id, now, 'robin')).toBe('unknown');
    expect((await listExemptions(table)).find(({ id }) => id === 'b000000000')).toEqual({
      ...entry('b000000000'),
      expires: now.toISOString(),
      ended: { by: 'robin', insteadOf: '2027-01-01T00:00:00.000Z' },
    });
  });

  test('are purged when they ended before the moment, and not when they run', async () => {
    expect(await purgeExemptions(table, new Date('2026-11-21T10:00:00Z'))).toBe(0);
    expect(await purgeExemptions(table, new Date('2026-11-21T10:00:01Z'))).toBe(1);
    expect((await listExemptions(table)).map(({ id }) => id)).toEqual(['a000000000']);
  });
});

test('an id is ten characters, the same for the same nonce and no other', () => {
  expect(exemptionId('n1')).toMatch(/^[0-9a-f]{10}$/);
  expect(exemptionId('n1')).toBe(exemptionId('n1'));
  expect(exemptionId('n2')).not.toBe(exemptionId('n1'));
});
