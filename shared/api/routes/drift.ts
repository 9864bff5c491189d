// What changed across the fleet, and the trend.
import { z } from 'zod';
import type { DriftEvent } from '../../model/result.ts';
import { driftKinds } from '../../model/result.ts';
import { endOf, startOf } from '../../model/moment.ts';
import { ApiError } from '../errors.ts';
import { choiceField, whenField, wholeField } from '../fields.ts';
import { findHoles } from '../holes.ts';
import { route } from '../route.ts';
import { driftEvent } from '../shapes/event.ts';
import { fleetSummary, moment, scanOutcome } from '../shapes/fleet.ts';

const DAY_MS = 86_400_000;

export const drift = route({
  name: 'drift',
  method: 'GET',
  path: 'drift',
  access: 'read',
  summary: 'What changed, newest first: in the last seven days, or between `from` and `to`.',
  query: z.object({
    from: whenField.optional(),
    to: whenField.optional(),
    cluster: z.string().toLowerCase().optional(),
    subscription: z.string().toLowerCase().optional(),
    rule: z.string().optional(),
    kind: choiceField(driftKinds).optional(),
    top: wholeField(1, 1000).optional(),
  }),
  responses: { 200: z.strictObject({ from: moment, to: moment, value: z.array(driftEvent) }) },
  async handle(services, { query }) {
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
    const value: DriftEvent[] = [];
    for await (const event of services.drift(from, to)) {
      if (wanted(event)) value.push(event);
      if (value.length >= (query.top ?? 100)) break;
    }
    return { status: 200, body: { from: from.toISOString(), to: to.toISOString(), value } };
  },
});

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
    'The counts of the fleet at each close in the last 30 or `days` days, and the holes: stretches of more than two periods in which no scan closed.',
  query: z.object({ days: wholeField(1, 3650).optional() }),
  responses: { 200: z.strictObject({ from: moment, to: moment, value: z.array(point), holes: z.array(hole) }) },
  async handle(services, { query: { days } }) {
    const to = services.now();
    const from = new Date(to.getTime() - (days ?? 30) * DAY_MS);
    const value = await services.trend(from, to);
    const before = await services.closeBefore(from);
    const closes = [...(before === undefined ? [] : [before]), ...value.map(({ closedAt }) => closedAt)];
    return {
      status: 200,
      body: {
        from: from.toISOString(),
        to: to.toISOString(),
        value,
        holes: findHoles(closes, services.periodMinutes, to),
      },
    };
  },
});
