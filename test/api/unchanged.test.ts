// What has not changed is not sent again, and whatever has changed is.
import { describe, expect, test } from 'vitest';
import { apiFleet, ask, makeServices } from '../support/api.ts';
import { known } from '../support/known-result.ts';

const tagOf = async (name: string, asked: Parameters<typeof ask>[2] = {}, query = ''): Promise<string> =>
  (await ask(name, query, asked)).headers!['etag']!;

describe('the entity tag', () => {
  test.each<[string, (etag: string) => string, number]>([
    ['as it was given', (etag) => etag, 304],
    ['made weak on its way', (etag) => `W/${etag}`, 304],
    ['among others', (etag) => `"other", W/${etag} ,"more"`, 304],
    ['of anything', () => '*', 304],
    ['of another answer', () => '"other"', 200],
    ['without quotes', (etag) => etag.slice(1, -1), 200],
    ['that is empty', () => '', 200],
  ])('%s', async (_what, sent, status) => {
    const headers = { 'if-none-match': sent(await tagOf('clusters')) };
    const answer = await ask('clusters', '', { headers });
    expect([answer.status, answer.body === undefined]).toEqual([status, status === 304]);
  });

  test('is of the whole answer about a cluster: its line in the fleet may change while its result does not', async () => {
    const [line] = apiFleet.clusters;
    const failing = makeServices({ result: async () => known(true) });
    const stale = { ...line!, verdict: 'unknown' as const, unknownReasons: ['stopped' as const] };
    const unknown = makeServices({
      result: async () => known(true),
      fleet: async () => ({ ...apiFleet, clusters: [stale] }),
    });
    const params = { id: line!.key };
    const etag = await tagOf('cluster', { services: failing, params });
    expect(await tagOf('cluster', { services: failing, params })).toBe(etag);
    const headers = { 'if-none-match': etag };
    expect(await ask('cluster', '', { services: unknown, params, headers })).toMatchObject({
      status: 200,
      body: { fleet: { verdict: 'unknown' } },
    });
  });

  test('of the status does not change because time passes', async () => {
    const later = makeServices({ now: () => new Date('2026-11-21T10:20:00Z') });
    expect(await tagOf('status', { services: later })).toBe(await tagOf('status'));
  });

  test.each(['rules', 'alerts', 'silences', 'exemptions', 'scans'])('is there for %s as well', async (name) => {
    const headers = { 'if-none-match': await tagOf(name) };
    expect(await ask(name, '', { headers })).toMatchObject({ status: 304, body: undefined });
  });

  test('is of no answer that is said once', async () => {
    for (const answer of [await ask('health'), await ask('scan-start'), await ask('status', '?colour=red')]) {
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
      expect(answer.headers).not.toHaveProperty('etag');
    }
    expect(await ask('scan-start', '', { headers: { 'if-none-match': '*' } })).toMatchObject({ status: 202 });
  });
});
