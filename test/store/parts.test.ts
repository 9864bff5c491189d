// Lists cut into parts, and into rows that hold what a row can.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DriftEvent } from '../../shared/model/result.ts';
import { BodyTooLargeError, packBody, unpackBody } from '../../shared/store/body.ts';
import { logDrift, readDriftLog } from '../../shared/store/drift-log.ts';
import { inParts, packParts } from '../../shared/store/parts.ts';
import { memoryTables } from '../support/memory-tables.ts';

test.each([
  [0, []],
  [2, [[1, 2]]],
  [3, [[1, 2], [3]]],
  [
    4,
    [
      [1, 2],
      [3, 4],
    ],
  ],
])('%i items in parts of two', (count, parts) => {
  expect(
    inParts(
      Array.from({ length: count }, (_, i) => i + 1),
      2,
    ),
  ).toEqual(parts);
});

/** Text that hardly gets shorter by compression. */
const noise = (chars: number): string => randomBytes(chars / 2).toString('hex');

test('a part that does not fit into a row is halved until it does, and nothing is lost or out of order', () => {
  const items = Array.from({ length: 20 }, (_, index) => `${index} ${noise(400_000)}`);
  const rows = packParts(items, 8, packBody);
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.flatMap((row) => unpackBody({ partitionKey: 'p', rowKey: 'r', ...row }))).toEqual(items);
});

test('an item that does not fit into a row by itself is an error that says what a row holds', () => {
  const pack = (): unknown => packParts(['short', noise(3_000_000)], 8, packBody);
  expect(pack).toThrow(BodyTooLargeError);
  expect(pack).toThrow(/does not fit into one table row, which holds 720896/);
});

test('events too long for one row of the drift log are all in it', async () => {
  const { Fleet } = memoryTables();
  const at = '2026-11-21T10:00:00.000Z';
  const events = Array.from(
    { length: 8 },
    (_, i) => ({ id: `${i}`, at, detail: noise(400_000) }) as unknown as DriftEvent,
  );
  await logDrift(Fleet, events);
  await logDrift(Fleet, events);
  const found: string[] = [];
  for await (const { id } of readDriftLog(Fleet, new Date(at), new Date(at))) found.push(id);
  expect(found.toSorted()).toEqual(events.map(({ id }) => id));
});
