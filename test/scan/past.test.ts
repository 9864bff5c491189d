// What the API says of a moment in the past, against a log that was kept beside: courses of scans, edits and lost work, then questions.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createApiServices } from '../../shared/app/create-api-services.ts';
import { readConfig } from '../../shared/app/config.ts';
import { clusterKey } from '../../shared/model/keys.ts';
import { scanMoment } from '../../shared/model/scan.ts';
import type { Tables } from '../../shared/ports.ts';
import { purgeSlice } from '../../shared/scan/purge.ts';
import { cachedFleet, readFleet } from '../../shared/store/fleet-snapshots.ts';
import { readLatest } from '../../shared/store/results.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { ask } from '../support/api.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { runs } from '../support/runs.ts';
import { tablesThrough } from '../support/through.ts';
import { createWorld } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const START = Date.parse('2026-11-21T10:00:30Z');
const MINUTE = 60_000;
const DAYS = 10;
const shop = sampleCluster(SUB, 'shop');
const lab = sampleCluster(SUB, 'lab');
const keys = new Map([shop, lab].map(({ name, id }) => [name, clusterKey(id)]));

interface Step {
  /** How the clusters are when the scan begins. */
  readonly shop: 'cilium' | 'none' | 'away';
  readonly lab: 'cilium' | 'none';
  /** How long a call of the table of results takes; a scan with slow ones closes at its deadline. */
  readonly slowness: number;
  /** The process dies at this call of the scan. */
  readonly dies: number;
  /** Periods that go by until the next scan. */
  readonly pause: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  shop: fc.constantFrom('cilium', 'cilium', 'none', 'away'),
  lab: fc.constantFrom('cilium', 'cilium', 'none'),
  slowness: fc.constantFrom(0, 30, 150, 400),
  dies: fc.constantFrom(0, 0, 12, 25, 40, 60),
  pause: fc.constantFrom(1, 1, 1, 2, 5, 60),
});

interface Look {
  readonly at: number;
  readonly scanId: string;
  readonly verdict: string;
  readonly gone: boolean;
}
interface Close {
  readonly at: number;
  readonly scanId: string;
}

/** Plays the steps. @returns the world, and what was stored when: worked out from the rows themselves after every call that may write */
async function play(inner: Tables, steps: readonly Step[]) {
  const looks = new Map<string, Look[]>([...keys.keys()].map((name) => [name, []]));
  const closes: Close[] = [];
  let slowness = 0;
  const note = async (): Promise<void> => {
    const at = world.clock.now;
    for (const [name, seen] of looks) {
      const latest = await readLatest(inner.Results, keys.get(name)!);
      const { verdict, gone = false } = latest?.result ?? {};
      if (latest && latest.scanId !== seen.at(-1)?.scanId)
        seen.push({ at, scanId: latest.scanId, verdict: verdict!, gone });
    }
    const fleet = await readFleet(inner.Fleet);
    if (fleet && fleet.scanId !== closes.at(-1)?.scanId) closes.push({ at, scanId: fleet.scanId });
  };
  const tables = tablesThrough(async (what, run) => {
    const done = await run();
    if (!/\.(get|page) /.test(what)) await note();
    if (what.startsWith('Results')) world.clock.now += slowness * 1000;
    return done;
  }, inner);
  const world = createWorld({ tables, start: new Date(START) });
  const clusters = new Map<string, typeof shop>();
  world.subscriptions.set(SUB, { name: 'prod', clusters });
  for (const next of steps) {
    clusters.set('lab', next.lab === 'none' ? withoutEngine(lab) : lab);
    if (next.shop === 'away') clusters.delete('shop');
    else clusters.set('shop', next.shop === 'none' ? withoutEngine(shop) : shop);
    slowness = next.slowness;
    if (next.dies > 0) world.crashAt(next.dies, 'after');
    await world.timer();
    await world.run();
    slowness = 0;
    // What came too late for its scan is done after it.
    await world.run(15 * MINUTE);
    world.clock.now = Math.max(
      world.clock.now,
      (Math.floor(world.clock.now / (30 * MINUTE)) + next.pause) * 30 * MINUTE,
    );
  }
  return { world, looks, closes };
}

type Played = Awaited<ReturnType<typeof play>>;

function services({ world }: Played) {
  const { ctx } = world;
  const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
  const alerts = memoryAlerts({ now: () => new Date(world.clock.now) });
  return createApiServices({ config, scan: ctx, fleet: cachedFleet(ctx.tables.Fleet), alerts });
}

const lastBy = <T extends { readonly at: number }>(log: readonly T[], moment: number): T | undefined =>
  log.findLast(({ at }) => at <= moment);

/** Every moment at which something was stored, and those beside it. */
const momentsOf = ({ looks, closes }: Played): readonly number[] => [
  ...new Set([...[...looks.values()].flat(), ...closes].flatMap(({ at }) => [at - 1, at, at + MINUTE])),
];

async function answers(played: Played, moment: number) {
  const query = `?asOf=${new Date(moment).toISOString()}`;
  const asked = { services: services(played) };
  const status = (await ask('status', query, asked)).body;
  const about = async (id: string) => (await ask('cluster', query, { ...asked, params: { id } })).body;
  return { status, about };
}

/** @returns what the answers about a moment say that the log does not */
async function wrongAt(played: Played, moment: number): Promise<readonly unknown[]> {
  const { status, about } = await answers(played, moment);
  const close = lastBy(played.closes, moment);
  const scan = status['scan'] as unknown as { id: string } | null;
  const wrong: unknown[] = scan?.id === close?.scanId ? [] : [{ moment, scan, close }];
  for (const [name, log] of played.looks) {
    const looks = log.filter(({ at }) => at <= moment);
    const look = looks.at(-1);
    // What is gone, and was when the fleet closed, has no present.
    if (!look || (look.gone && close)) continue;
    const answer = await about(keys.get(name)!);
    const line = answer['fleet'] as unknown as { verdict: string; unreadable?: object } | undefined;
    const lineAgrees = line?.unreadable !== undefined || line?.verdict === look.verdict;
    if (answer['verdict'] !== look.verdict || !lineAgrees) wrong.push({ moment, name, look, answer });
    // A look counts when its scan has closed, or when it changed something; what had not happened never does.
    const checked = Date.parse(answer['checkedAt'] ?? '');
    const happened = looks.map(({ scanId }) => scanMoment(scanId)!.getTime());
    const closed = looks.filter(({ at }) => close && at <= close.at).map(({ scanId }) => scanMoment(scanId)!.getTime());
    if (!happened.includes(checked) || checked < Math.max(0, ...closed)) wrong.push({ moment, name, checked, looks });
  }
  return wrong;
}

describe.each([
  ['memory', memoryTables, 150],
  ['the emulator', emulatorTables, 3],
] as const)('the past in %s', (_where, makeTables, cases) => {
  test('is what had been stored by then, for the fleet and for each cluster, with the last look that had happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const played = await play(makeTables(), steps);
        for (const moment of momentsOf(played)) expect(await wrongAt(played, moment)).toEqual([]);
      }),
      { numRuns: runs(cases) },
    );
  });

  test('is the same after a purge as before it, from the moment on that is purged up to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), fc.nat(), async (steps, which) => {
        const played = await play(makeTables(), steps);
        const moments = momentsOf(played).toSorted((a, b) => a - b);
        const before = moments[which % moments.length]!;
        const kept = moments.filter((moment) => moment >= before);
        const all = async () =>
          Promise.all(
            kept.map(async (moment) => {
              const { status, about } = await answers(played, moment);
              return [status, await about(keys.get('lab')!), await trendFrom(played, moment)];
            }),
          );
        const then = await all();
        const { ctx } = played.world;
        await purgeSlice(ctx, { before: new Date(before).toISOString(), after: '' });
        expect(await all()).toEqual(then);
      }),
      { numRuns: runs(cases) },
    );
  });

  test('has a hole exactly where no scan closed for more than two periods, purged or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 8 }),
        fc.nat(5_000),
        fc.option(fc.nat(DAYS)),
        async (steps, minutes, purged) => {
          const played = await play(makeTables(), steps);
          const { ctx, clock } = played.world;
          clock.now += minutes * MINUTE;
          const from = clock.now - DAYS * 24 * 60 * MINUTE;
          if (purged !== null) {
            const before = new Date(clock.now - purged * 24 * 60 * MINUTE).toISOString();
            await purgeSlice(ctx, { before, after: '' });
          }
          const oldest = purged === null ? 0 : clock.now - purged * 24 * 60 * MINUTE;
          const { holes } = (await ask('trend', `?days=${DAYS}`, { services: services(played) })).body as unknown as {
            holes: { from: string; to: string }[];
          };
          expect(holes).toEqual(silences(played.closes, Math.max(from, oldest), clock.now));
        },
      ),
      { numRuns: runs(cases) },
    );
  });
});

/** The oracle: the log of closes alone. */
function silences(closes: readonly Close[], from: number, to: number) {
  const before = closes.findLast(({ at }) => at <= from);
  const moments = [...(before ? [before.at] : []), ...closes.map(({ at }) => at).filter((at) => at > from), to];
  const found: { from: string; to: string }[] = [];
  for (const [i, end] of moments.entries())
    if (i > 0 && end - moments[i - 1]! > 60 * MINUTE)
      found.push({ from: new Date(moments[i - 1]!).toISOString(), to: new Date(end).toISOString() });
  return found;
}

function trendFrom(played: Played, moment: number) {
  return services(played).trend(new Date(moment), new Date(played.world.clock.now));
}
