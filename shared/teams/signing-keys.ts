// The keys that Teams signs its tokens with, as the Bot Connector service publishes them.
import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { readBounded } from '../bounded-body.ts';
import type { Clock } from '../ports.ts';

/** "Refresh the local cache of the document at least once every 24 hours" (Bot Connector authentication). */
const REFRESH_MS = 24 * 3_600_000;
/** While they cannot be refreshed, older ones serve for another day. */
const USABLE_MS = 2 * REFRESH_MS;
/** A key is published before it signs: tokens that name unknown ones are forged, and cause no more requests than this. */
const BETWEEN_MS = 10 * 60_000;
const AFTER_FAILURE_MS = 30_000;

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const MAX_KEYS = 200;

/** There is no telling a good token from a bad one: the keys could not be read. */
export class NoKeysError extends Error {
  override readonly name = 'NoKeysError';
}

export interface SigningKeys {
  /** @returns the key of that id; undefined when no such key is published for our channel @throws NoKeysError */
  find(id: string): Promise<KeyObject | undefined>;
}

export interface KeySource {
  /** Address of the OpenID metadata, which names the address of the keys. */
  readonly openIdMetadataUrl: string;
  /** Only keys that are endorsed for this channel count. */
  readonly channel: string;
  readonly clock: Clock;
}

/** @returns keys that are read when the first is asked for, and kept */
export function createSigningKeys(source: KeySource): SigningKeys {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let readAt = -Infinity;
  let triedAt = -Infinity;
  let failure: unknown;
  let reading: Promise<void> | undefined;
  const now = (): number => source.clock.now().getTime();

  async function read(): Promise<void> {
    triedAt = now();
    try {
      keys = await fetchKeys(source);
      readAt = now();
      failure = undefined;
    } catch (error) {
      failure = error;
    } finally {
      reading = undefined;
    }
  }

  return {
    async find(id) {
      const isWanted = !keys.has(id) || now() - readAt >= REFRESH_MS;
      const isDue = now() - triedAt >= (failure === undefined ? BETWEEN_MS : AFTER_FAILURE_MS);
      if (isWanted && (reading || isDue)) await (reading ??= read());
      if (now() - readAt >= USABLE_MS) throw new NoKeysError('The signing keys cannot be read', { cause: failure });
      return keys.get(id);
    },
  };
}

const metadataSchema = z.object({ jwks_uri: z.url() });
const keySetSchema = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });
const keySchema = z.object({
  kty: z.literal('RSA'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
  endorsements: z.array(z.string()),
});

/** @throws when the documents cannot be read, or are not what they should be */
async function fetchKeys({ openIdMetadataUrl, channel }: KeySource): Promise<ReadonlyMap<string, KeyObject>> {
  const { jwks_uri: address } = metadataSchema.parse(await fetchJson(openIdMetadataUrl));
  if (new URL(address).protocol !== new URL(openIdMetadataUrl).protocol)
    throw new Error('The address of the signing keys is less safe than the one that names it');
  const found = new Map<string, KeyObject>();
  for (const published of keySetSchema.parse(await fetchJson(address)).keys) {
    const { data: key } = keySchema.safeParse(published);
    if (key?.endorsements.includes(channel))
      found.set(key.kid, createPublicKey({ key: { kty: key.kty, n: key.n, e: key.e }, format: 'jwk' }));
  }
  if (found.size === 0) throw new Error(`None of the published keys is endorsed for ${channel}`);
  return found;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { host } = new URL(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${host} answered ${response.status} when asked for signing keys`);
  }
  const declared = response.headers.get('content-length');
  const read = await readBounded({ declared, bytes: response.body }, MAX_BYTES);
  if (!read) throw new Error(`${host} sent more than ${MAX_BYTES} bytes of signing keys`);
  return JSON.parse(read.toString());
}
