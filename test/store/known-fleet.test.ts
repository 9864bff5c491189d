// What was known at a moment: not what a scan of that moment found out later.
import { expect, test } from 'vitest';
import { insertFleet, readKnownFleet } from '../../shared/store/fleet-snapshots.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';

test.each([
  ['before anything was known', '2026-11-21T10:04:59Z', undefined],
  ['when the first scan had closed', '2026-11-21T10:05:00Z', 's1'],
  ['while the second still ran', '2026-11-21T10:34:00Z', 's1'],
  ['when the second had closed', '2026-11-21T10:35:00Z', 's2'],
  ['a year later', '2027-11-21T00:00:00Z', 's2'],
])('%s', async (_name, asOf, scanId) => {
  const { Fleet } = memoryTables();
  for (const [id, at, closedAt] of [
    ['s1', '2026-11-21T10:00:00.000Z', '2026-11-21T10:05:00.000Z'],
    ['s2', '2026-11-21T10:30:00.000Z', '2026-11-21T10:35:00.000Z'],
  ] as const)
    await insertFleet(Fleet, fleetOf([fleetCluster(id)], { scanId: id, at, closedAt }));
  const known = await readKnownFleet(Fleet, new Date(asOf));
  expect(known?.scanId).toBe(scanId);
  expect(known?.clusters.map(({ name }) => name)).toEqual(scanId === undefined ? undefined : [scanId]);
});
