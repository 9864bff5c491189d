// When the signing keys are read: rarely, whatever strangers ask for.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SigningKeys } from '../../shared/teams/signing-keys.ts';
import { createSigningKeys } from '../../shared/teams/signing-keys.ts';
import type { Authority } from '../support/authority.ts';
import { startAuthority } from '../support/authority.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let authority: Authority;
let keys: SigningKeys;
let now: number;

beforeEach(async () => {
  authority = await startAuthority();
  now = Date.parse('2026-11-21T10:00:00Z');
  const clock = { now: () => new Date(now) };
  keys = createSigningKeys({ openIdMetadataUrl: authority.metadataUrl, channel: 'msteams', clock });
});
afterEach(() => authority.close());

/** Both documents are read each time. */
const readings = (): number => authority.asked.length / 2;
const publish = (kid: string): void => {
  authority.published.keys = [{ ...authority.published.keys[0], kid }];
};

test('they are read once for everybody who asks at the same time, and then kept for a day', async () => {
  await Promise.all(Array.from({ length: 50 }, () => keys.find('one')));
  now += 23 * HOUR_MS;
  expect(await keys.find('one')).toBeDefined();
  expect(readings()).toBe(1);
  now += 2 * HOUR_MS;
  publish('two');
  expect(await keys.find('one')).toBeUndefined();
  expect(await keys.find('two')).toBeDefined();
  expect(readings()).toBe(2);
});

test('a thousand unknown ones within ten minutes cause no reading at all, and one after that', async () => {
  await keys.find('one');
  for (let n = 0; n < 1_000; n++) expect(await keys.find(`forged-${n}`)).toBeUndefined();
  expect(readings()).toBe(1);
  now += 10 * MINUTE_MS;
  publish('two');
  expect(await keys.find('two')).toBeDefined();
  await Promise.all(Array.from({ length: 50 }, (_, n) => keys.find(`forged-${n}`)));
  expect(readings()).toBe(2);
});

test('while they cannot be read, the old ones serve for another day, and reading is tried twice a minute', async () => {
  await keys.find('one');
  authority.published.status = 503;
  now += 47 * HOUR_MS;
  for (let n = 0; n < 100; n++) expect(await keys.find('one')).toBeDefined();
  expect(authority.asked).toHaveLength(3);
  now += HOUR_MS;
  await expect(keys.find('one')).rejects.toThrow('The signing keys cannot be read');
  await expect(keys.find('one')).rejects.toThrow('The signing keys cannot be read');
  expect(authority.asked).toHaveLength(4);
  authority.published.status = 200;
  now += MINUTE_MS / 2;
  expect(await keys.find('one')).toBeDefined();
});

test.each<[string, (published: Authority['published']) => void]>([
  ['no key of our channel', (it) => (it.keys = [{ ...it.keys[0], endorsements: ['webchat'] }])],
  ['more than a megabyte', (it) => (it.keys = [{ ...it.keys[0], x5c: ['x'.repeat(1_100_000)] }])],
  ['more keys than anybody needs', (it) => (it.keys = Array.from({ length: 201 }, () => it.keys[0]!))],
  ['a key of another kind', (it) => (it.keys = [{ ...it.keys[0], kty: 'EC' }])],
  ['an error', (it) => (it.status = 404)],
])('an authority that answers with %s gives no keys', async (_name, change) => {
  change(authority.published);
  await expect(keys.find('one')).rejects.toThrow('The signing keys cannot be read');
});
