// What changed across the fleet, and the trend.
import { z } from 'zod';
import type { DriftEvent } from '../../model/result.ts';
import { driftKinds } from '../../model/result.ts';
import { endOf, startOf } from '../../model/moment.ts';
import { ApiError } from '../errors.ts';
import { choiceField, whenField, wholeField } from '../fields.ts';
import { findHoles } from '../holes.ts';
import { countField, countedPageOf, countedSchema, pageOf, pageParameters, pageSchema } from '../paging.ts';
import { route } from '../route.ts';
import { driftEvent } from '../shapes/event.ts';
import { fleetSummary, moment, scanOutcome } from '../shapes/fleet.ts';

const DAY_MS = 86_400_000;
const MOST_HOLES = 100;

export const drift = route({
  name: 'drift',
  method: 'GET',
  path: 'drift',
  access: 'read',
  summary: 'What changed, newest first, in pages: in the last seven days, or between `from` and `to`.',
  query: z.object({
    from: whenField.optional(),
    to: whenField.optional(),
    cluster: z.string().toLowerCase().optional(),
    subscription: z.string().toLowerCase().optional(),
    rule: z.string().optional(),
    kind: choiceField(driftKinds).optional(),
    ...pageParameters,
  }),
  responses: { 200: pageSchema(driftEvent).extend({ from: moment, to: moment }) },
  async handle(services, { query, url }) {
    const to = query.to ? endOf(query.to, services.zone) : services.now();
    const from = query.from ? startOf(query.from, services.zone) : new Date(to.getTime() - 7 * DAY_MS);
    if (from > to)
      throw new ApiError(
        400,
        'InvalidQueryParameterValue',
        `from: is ${from.toISOString()}, which is after to, ${to.toISOString()}`,
        'from',
      );
    const wanted = (event: DriftEvent): boolean =>
      (query.cluster === undefined || [event.clusterId, event.clusterName.toLowerCase()].includes(query.cluster)) &&
      (query.subscription === undefined || event.subscriptionId === query.subscription) &&
      (query.rule === undefined || event.rule === query.rule) &&
      (query.kind === undefined || event.kind === query.kind);
    const between = { from: from.toISOString(), to: to.toISOString() };
    // The pages that follow are of the same time, however much later they are asked for.
    const fixed = new URL(url);
    for (const [name, at] of Object.entries(between)) fixed.searchParams.set(name, at);
    const page = await pageOf(only(services.drift(from, to), wanted), asIs, { url: fixed, query });
    return { status: 200, body: { ...between, ...page } };
  },
});

async function* only<T>(all: AsyncIterable<T>, isWanted: (one: T) => boolean): AsyncGenerator<T> {
  for await (const one of all) if (isWanted(one)) yield one;
}

const asIs = <T>(one: T): T => one;

const point = z.strictObject({
  scanId: z.string(),
  at: moment,
  closedAt: moment,
  outcome: scanOutcome,
  summary: fleetSummary,
});
const hole = z.strictObject({ from: moment, to: moment });

export const trend = route({
  name: 'trend',
  method: 'GET',
  path: 'trend',
  access: 'read',
  summary:
    'The counts of the fleet at each close in the last 30 or `days` days, newest first, in pages, and the latest holes: stretches of more than two periods in which no scan closed.',
  query: z.object({ days: wholeField(1, 3650).optional(), ...pageParameters }),
  responses: {
    200: countedSchema(point).extend({
      from: moment,
      to: moment,
      /** The latest, oldest first. */
      holes: z.array(hole).max(MOST_HOLES),
      holesCount: countField,
    }),
  },
  async handle(services, asked) {
    const { days } = asked.query;
    const to = services.now();
    const from = new Date(to.getTime() - (days ?? 30) * DAY_MS);
    const points = await services.trend(from, to);
    const before = await services.closeBefore(from);
    const closes = [...(before === undefined ? [] : [before]), ...points.map(({ closedAt }) => closedAt)];
    const holes = findHoles(closes, services.periodMinutes, to);
    const between = { from: from.toISOString(), to: to.toISOString() };
    const beside = { holes: holes.slice(-MOST_HOLES), holesCount: holes.length };
    return { status: 200, body: { ...between, ...beside, ...(await countedPageOf(points, asIs, asked)) } };
  },
});
