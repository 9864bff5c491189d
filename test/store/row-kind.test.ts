// Kinds of rows: what is written comes back, and a row that cannot be read says where it is and what is wrong with it.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StoredRow } from '../../shared/ports.ts';
import { StoredRowError } from '../../shared/store/body.ts';
import { bodyKind, columnKind, json, moment, withBody } from '../../shared/store/row-kind.ts';

const columns = columnKind(
  'Work',
  z.object({ at: moment, tries: z.number(), note: z.string().exactOptional(), place: json<{ city: string }>() }),
);
const kind = withBody(columns, bodyKind('Work', z.object({ list: z.custom<readonly number[]>() })));
const values = { at: new Date('2026-11-21T10:00:00.123Z'), tries: 2, place: { city: 'Köln' }, list: [1, 2, 3] };
const row = (more: object = {}): StoredRow => ({
  partitionKey: 'p',
  rowKey: 'r',
  etag: '1',
  ...kind.write(values),
  ...more,
});

describe('a row', () => {
  test('comes back as it was written, with and without what may be absent', () => {
    expect(kind.read(row())).toEqual(values);
    expect(kind.read(row(kind.write({ ...values, note: 'n' })))).toEqual({ ...values, note: 'n' });
  });

  test('holds moments and small data as text that people can read', () => {
    expect(row()).toMatchObject({ at: '2026-11-21T10:00:00.123Z', place: '{"city":"Köln"}', schema: 1 });
  });

  test('of a later version is read for what this version knows', () => {
    expect(kind.read(row({ schema: 2, added: 'later' }))).toEqual(values);
  });

  test('gives its columns although its body is damaged', () => {
    const { list: _list, ...plain } = values;
    expect(kind.columns.read(row({ body0: new Uint8Array([1, 2]) }))).toEqual(plain);
  });

  test.each([
    ['a column of another type', { tries: 'two' }, 'tries: '],
    ['a missing column', { tries: undefined }, 'tries: '],
    ['text that is not a moment', { at: 'soon' }, 'at: '],
    ['text that is not JSON', { place: '{' }, 'place: '],
    ['a damaged body', { body0: new Uint8Array([1, 2]) }, 'has a damaged body'],
    ['a body of a version after the next', { schema: 3 }, 'update Bulkhead'],
    ['no version', { schema: undefined }, 'has no schema version'],
  ])('with %s names its table, its keys and what is wrong', (_what, more, words) => {
    const read = (): unknown => kind.read(row(more));
    expect(read).toThrow(StoredRowError);
    expect(read).toThrow(/Work \/ p \/ r .*/);
    expect(read).toThrow(words);
  });
});
