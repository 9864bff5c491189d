// A list taken apart while it arrives is the list that JSON.parse would have given, wherever the network cuts it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitItems } from '../../../shared/estate/kubernetes/items.ts';

function split(bytes: Buffer, cuts: readonly number[]): { items: unknown[]; list: unknown } {
  const items: unknown[] = [];
  const splitter = splitItems((item) => void items.push(item));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [i, place] of places.slice(1).entries()) splitter.push(bytes.subarray(places[i], place));
  return { items, list: splitter.end() };
}

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
const nasty = fc.constantFrom('"items":[', '\\', '\\"', '}{][', 'ü€😀', '"');

describe('splitting', () => {
  test('gives the items and the rest of any list, cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(object, fc.record({ text: nasty }), fc.array(fc.jsonValue()))),
        object,
        fc.array(fc.nat(10_000)),
        fc.option(fc.constantFrom(0, 2), { nil: undefined }),
        (items, metadata, cuts, indent) => {
          const whole = { kind: 'PodList', metadata: { ...metadata, items: [1] }, items, remaining: nastyText };
          const found = split(Buffer.from(JSON.stringify(whole, undefined, indent)), cuts);
          expect(found.items).toEqual(JSON.parse(JSON.stringify(items)));
          expect(found.list).toEqual(JSON.parse(JSON.stringify({ ...whole, items: [] })));
        },
      ),
    );
  });

  const nastyText = 'a "items":[ in a text \\';

  test('leaves out who wrote which field, and nothing else of that name', () => {
    const managedFields = [{ manager: 'kubelet', fieldsV1: { 'k:{"type":"]}"}': { '.': {} } } }, { manager: '"]' }];
    const item = {
      metadata: { name: 'a"managedFields', managedFields, labels: { managedFields: '[' } },
      spec: { deep: { managedFields } },
      managedFields: [1],
    };
    const bytes = Buffer.from(JSON.stringify({ kind: 'L', items: [item, item], metadata: { managedFields: [2] } }));
    const without = { ...item, metadata: { ...item.metadata, managedFields: null } };
    expect(split(bytes, [])).toEqual({
      items: [without, without],
      list: { kind: 'L', items: [], metadata: { managedFields: [2] } },
    });
    // Where the name is cut in two the field may stay.
    for (const at of bytes.keys())
      for (const found of split(bytes, [at]).items)
        expect([item, without].map((expected) => JSON.stringify(expected))).toContain(JSON.stringify(found));
  });

  test('tells what stands before the items as soon as it is there', () => {
    const heads: unknown[] = [];
    const splitter = splitItems(
      () => undefined,
      (head) => void heads.push(head),
    );
    splitter.push(Buffer.from('{"kind":"PodList","metadata":{"continue":"n"},"items":['));
    expect(heads).toEqual([{ kind: 'PodList', metadata: { continue: 'n' }, items: [] }]);
  });

  test('a byte at a time is as good as all at once', () => {
    const bytes = Buffer.from(JSON.stringify({ kind: 'L', items: [{ a: 'ü"\\' }, { b: [{}] }], metadata: {} }));
    expect(split(bytes, Array.from(bytes.keys()))).toEqual(split(bytes, []));
  });

  test.each(['{"kind":"PodList","items":[{"a":1', '{"items":[{"a":"', '{"kind":"PodLi', '', '{"items":[{}]'])(
    'what is cut off at %j is an error, not a shorter list',
    (text) => expect(() => split(Buffer.from(text), [])).toThrow(SyntaxError),
  );

  test.each(['<html>no json</html>', '{"items":[{]}]}', '}}}', '{"items":[{"a":}]}'])('%j is an error', (text) => {
    expect(() => split(Buffer.from(text), [])).toThrow(SyntaxError);
  });

  test.each(['null', '1', '"a"', 'true', '{}, 2', '"a", {}'])(
    'items like %s are an error, and are not passed over',
    (items) => expect(() => split(Buffer.from(`{"items":[${items}]}`), [])).toThrow(SyntaxError),
  );

  test.each([
    ['nested deeper than any', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, /nested/],
    ['of more values than any', `{"a":[${'{},'.repeat(250_000)}{}]}`, /200000 values/],
    ['of more bytes than any', `{"a":"${'x'.repeat(9_000_000)}"}`, /8.4 MB/],
  ])('an object %s is too much', (_name, item, message) => {
    expect(() => split(Buffer.from(`{"items":[${item}]}`), [])).toThrow(message);
    expect(() =>
      split(
        Buffer.from(`{"items":[${item}]}`),
        Array.from({ length: 100 }, (_, i) => i * 10_000),
      ),
    ).toThrow(message);
  });

  test('an answer that is no list does not fill the memory', () => {
    const splitter = splitItems(() => undefined);
    const chunk = Buffer.from(`"${'x'.repeat(100_000)}",`);
    splitter.push(Buffer.from('{"metadata":['));
    expect(() => {
      for (let i = 0; i < 100; i++) splitter.push(chunk);
    }).toThrow(/more than 1.0 MB beside its items/);
  });
});
