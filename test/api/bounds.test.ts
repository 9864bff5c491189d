// Whatever one answer holds has a bound that does not depend on what anybody owns; by its links everything is reached, once.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ApiServices, KnownResult, TrendPoint } from '../../shared/api/api-services.ts';
import { routes } from '../../shared/api/index.ts';
import { MAX_PAGE_BYTES } from '../../shared/api/paging.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import { alertEvent, alertView } from '../support/alerts.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { apiFleet, apiScan, ask, makeServices } from '../support/api.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { known } from '../support/known-result.ts';

/** A page, the item that it may be longer by, and what stands beside it. */
const MOST_BYTES = 2 * MAX_PAGE_BYTES;
const now = () => new Date('2026-11-21T10:10:00Z');
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const long = (chars: number): string => '“'.repeat(chars);
/** As many as Azure allows, as long as it allows. */
const tags = Object.fromEntries(many(50, (i) => [`${i}-${'n'.repeat(500)}`, long(256)]));
const twoDigits = (value: number): string => String(value).padStart(2, '0');
const minutesAgo = (minutes: number): string => new Date(now().getTime() - minutes * 60_000).toISOString();

function vastResult(share: number): KnownResult {
  const small = known(true);
  const [finding] = small.result.findings;
  const names = many(3_000, (i) => `namespace-${i}-${'x'.repeat(45)}`);
  return {
    ...small,
    result: {
      ...small.result,
      findings: many(20_000 * share, (i) => ({
        ...finding!,
        subject: `namespace/${names[i % 3_000]!}-${i}`,
        message: long(300),
      })),
      namespaceExposure: Object.fromEntries(names.map((name, i) => [name, 1 / (i + 1)])),
      reach: {
        namespaces: names,
        sets: ['0-2999'],
        workloads: many(5_000 * share, (i) => [`${names[i % 3_000]!}/pod-${i}[Pod]`, 0, 1, 0, 1] as const) as never,
      },
    },
  };
}

/** Everything at the size at which it hurts, or a share of it. */
function vast(share = 1): ApiServices {
  const result = vastResult(share);
  const clusters = many(5_000 * share, (i) =>
    fleetCluster(i < 90 && share === 1 ? 'twin' : `c${i}`, { resourceGroup: `g${i}`, tags, verdict: 'fail' }),
  );
  const subscriptions = many(2_000, (i) => ({
    id: `s${i}`,
    name: long(60),
    readable: false,
    message: long(300),
    since: apiFleet.at,
  }));
  const fleet = fleetOf(clusters, { subscriptions, missing: many(50, () => long(300)), missingCount: 2_000 });
  const { summary, scanId, outcome } = fleet;
  const points = many(20_000 * share, (i): TrendPoint => ({
    scanId,
    outcome,
    summary,
    at: minutesAgo(i * 90),
    closedAt: minutesAgo(i * 90),
  }));
  const event = alertEvent({ tags, detail: long(2_000) }) as DriftEvent;
  const alerts = memoryAlerts({
    now,
    alerts: many(2_000 * share, (i) => alertView({ id: `a${i}`, event: { ...event, id: `e${i}` } })),
    routingProblems: many(5_000, () => long(1_000)),
  });
  return makeServices({
    fleet: async () => fleet,
    async *everKnown() {
      yield* clusters;
    },
    result: async () => result,
    history: async function* () {
      for (let i = 0; i < 150; i++) yield result;
    },
    drift: async function* () {
      for (let i = 0; i < 2_000 * share; i++) yield { ...event, id: `e${i}` };
    },
    trend: async () => points,
    scans: async (limit) =>
      many(Math.min(limit, 3_000 * share), (i) => ({ ...apiScan, id: `m-20261121T1000${twoDigits(i % 60)}000Z-${i}` })),
    alerts: {
      ...alerts,
      failedDestinations: async () =>
        many(3_000, () => ({ kind: 'channel', by: long(200), failed: long(300) }) as const),
    },
  });
}

let services: ApiServices;
beforeAll(() => {
  services = vast();
});

const sizeOf = (body: unknown): number =>
  Buffer.byteLength(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
const reads = routes.filter(({ method }) => method === 'GET').map(({ name }) => name);

describe('no answer is larger than its bound', () => {
  test.each<[string, string, string?]>([
    ...reads.map((name): [string, string] => [name, '']),
    ...reads.map((name): [string, string] => [name, '?maxpagesize=1000']),
    ['cluster', '', 'c200'],
    ['cluster', '?maxpagesize=1000', 'c200'],
    ['cluster', '', 'twin'],
    ['cluster', '', 'c200/history'],
    ['cluster', '?maxpagesize=1000', 'c200/history'],
    ['cluster', '', 'c200/reach'],
    ['cluster', '?maxpagesize=1000', 'c200/reach'],
    ['cluster', '', 'x'.repeat(8_000)],
    ['clusters', `?${'x'.repeat(8_000)}=1`],
    ['clusters', `?asOf=${'x'.repeat(8_000)}`],
  ])('%s%.40s %.40s', async (name, query, id = '') => {
    const { status, body } = await ask(name, query, { services, params: { id } });
    expect(status).toBeLessThan(500);
    expect(sizeOf(body)).toBeLessThan(MOST_BYTES);
  });

  test('whatever is wrong with a body', async () => {
    const body = JSON.stringify({ matchers: many(7_000, () => 7), endsAt: 1 });
    const answer = await ask('silence-create', '', { services, body });
    expect(answer.status).toBe(400);
    expect(sizeOf(answer.body)).toBeLessThan(8 * 1024);
  });
});

/** @returns how many items there are on all pages, and how many of them differ */
async function follow(name: string, query: string, list: string, id = ''): Promise<readonly [number, number]> {
  const seen: string[] = [];
  for (let next: string | undefined = query; next !== undefined;) {
    const { body } = await ask(name, next, { services: part, params: { id } });
    const page = body as unknown as Record<string, readonly unknown[]> & { readonly nextLink?: string };
    seen.push(...page[list]!.map((item) => JSON.stringify(item)));
    next = page.nextLink && new URL(page.nextLink).search;
  }
  return [seen.length, new Set(seen).size];
}

/** Enough for many pages. */
const part = vast(0.02);

describe('by its links everything is reached, once', () => {
  test.each<[string, string, string, number, string?]>([
    ['clusters', '?maxpagesize=1000', 'value', 100],
    ['clusters', '?top=50', 'value', 50],
    ['drift', '?maxpagesize=1000', 'value', 40],
    ['drift', '?maxpagesize=7', 'value', 40],
    ['trend', '', 'value', 400],
    ['scans', '?maxpagesize=9', 'value', 60],
    ['scans', '?top=5', 'value', 5],
    ['alerts', '', 'value', 40],
    ['cluster', '', 'findings', 400, 'c20'],
    ['cluster', '?maxpagesize=1000', 'workloads', 100, 'c20/reach'],
  ])('%s%s: %s', async (name, query, list, count, id) => {
    expect(await follow(name, query, list, id)).toEqual([count, count]);
  });
});

test('what is cut short says how many there are', async () => {
  const of = async (name: string, id = '') => (await ask(name, '', { services, params: { id } })).body;
  expect(await of('status')).toMatchObject({
    failedDestinationsCount: 3_000,
  });
  expect(await of('alerts')).toMatchObject({ routingProblemsCount: 5_000 });
  expect(await of('clusters')).toMatchObject({ count: 5_000 });
  expect(await of('trend')).toMatchObject({ count: 20_000, holesCount: 20_000 - 1 });
  expect(await of('cluster', 'c200')).toMatchObject({ findingsCount: 20_000 });
  expect((await of('cluster', 'c200/history')).value[0]).toMatchObject({ findingsCount: 20_000 });
  const reach = await of('cluster', 'c200/reach');
  expect(reach).toMatchObject({ workloadsCount: 5_000, namespaceCount: 3_000 });
  expect(reach['workloads']![0]).toMatchObject({ from: { namespacesCount: 3_000 } });
});

test('the pages of drift are of the time of the first, however late they are asked for', async () => {
  const { body } = await ask('drift', '', { services });
  const { searchParams } = new URL(body['nextLink'] as unknown as string);
  expect(searchParams.get('from')).toBe('2026-11-14T10:10:00.000Z');
  expect(searchParams.get('to')).toBe('2026-11-21T10:10:00.000Z');
});
