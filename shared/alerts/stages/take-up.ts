// Which events are news: an outbox may be seen again, and is taken up once.
import { createHash } from 'node:crypto';
import type { AlertEvent } from '../alert.ts';
import { bounded } from '../bounds.ts';
import { placeOf } from '../lifecycle.ts';
import type { Stage } from './stage.ts';

/**
 * How many outboxes are remembered for all clusters whose alerts begin alike: in a fleet of 20,000 clusters these are about five,
 * and each writes at most one outbox a scan. Nobody's outboxes are forgotten because others have many.
 */
const MOST_IN_PLACE = 32;

/** @returns which outbox an event came in, beginning as the alerts do: a scan's outbox of one cluster is written and taken up as a whole */
const outboxOf = (event: AlertEvent): string =>
  placeOf(event) +
  createHash('sha256')
    .update(`${event.scanId}|${event.clusterId || event.subscriptionId}`)
    .digest('base64url')
    .slice(0, 10);

export const takeUp: Stage = (work, input) => {
  if (input.events.length === 0) return work;
  const taken = new Set(work.processed);
  const outboxes = new Map(input.events.map((event) => [event, outboxOf(event)]));
  const events = input.events.filter((event) => !taken.has(outboxes.get(event)!));
  if (events.length === 0) return work;
  const { catalogue = input.catalogue } = work;
  return {
    ...work,
    events: events.map(bounded),
    processed: newest([...new Set([...work.processed, ...outboxes.values()])]),
    newRules: catalogue !== input.catalogue,
    catalogue: input.catalogue,
  };
};

/** @param outboxes oldest first @returns those that are remembered */
const newest = (outboxes: readonly string[]): readonly string[] =>
  [...Map.groupBy(outboxes, (outbox) => outbox.slice(0, 3)).values()].flatMap((same) => same.slice(-MOST_IN_PLACE));
