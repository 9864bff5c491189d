// The tags that the fleet is held with: bounded, the shortest first, all of them where they fit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEPT_TAG_CHARS, keptTags } from '../../shared/model/tags.ts';

const length = (tags: Readonly<Record<string, string>>): number => Object.entries(tags).flat().join('').length;

test('tags of ordinary length are all kept', () => {
  const tags = { team: 'shop', 'bulkhead-exempt': 'egress: ann until 2027-01-01 because of a lab', __proto__x: '' };
  expect(keptTags(tags)).toEqual({ tags });
});

test('of 50 maximal tags two are kept and 48 counted; of short ones beside them all', () => {
  const long = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`${i}`.padEnd(512, 'n'), 'v'.repeat(256)] as const),
  );
  expect(keptTags(long)).toMatchObject({ tagsLeftOut: 48 });
  const { tags, tagsLeftOut } = keptTags({ ...long, team: 'shop', env: 'prod' });
  expect(tags).toMatchObject({ team: 'shop', env: 'prod' });
  expect(tagsLeftOut).toBe(52 - Object.keys(tags).length);
});

test('whatever the tags, what is kept is bounded, unchanged, and no longer than anything left out', () => {
  const word = fc.string({ maxLength: 700 });
  fc.assert(
    fc.property(fc.dictionary(word, word, { maxKeys: 50 }), (all) => {
      const { tags, tagsLeftOut = 0 } = keptTags(all);
      expect(length(tags)).toBeLessThanOrEqual(KEPT_TAG_CHARS);
      expect(Object.keys(tags).length + tagsLeftOut).toBe(Object.keys(all).length);
      expect(all).toMatchObject(tags);
      const longest = Math.max(0, ...Object.entries(tags).map(([name, value]) => (name + value).length));
      const leftOut = Object.entries(all).filter(([name]) => !Object.hasOwn(tags, name));
      for (const [name, value] of leftOut) expect((name + value).length).toBeGreaterThanOrEqual(longest);
    }),
  );
});
