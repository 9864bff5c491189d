// Which events are news: an outbox may be seen again, and is taken up once.
import { createHash } from 'node:crypto';
import type { AlertEvent } from '../alert.ts';
import type { Stage } from './stage.ts';

/** How many hashes of outboxes are remembered; a scan of a large fleet writes at most one outbox for each cluster. */
const MAX_PROCESSED = 20_000;

/** @returns which outbox an event came in: a scan's outbox of one cluster is written and taken up as a whole */
const outboxOf = ({ scanId, clusterId, subscriptionId }: AlertEvent): string =>
  createHash('sha256')
    .update(`${scanId}|${clusterId || subscriptionId}`)
    .digest('base64url')
    .slice(0, 10);

export const takeUp: Stage = (work, input) => {
  const taken = new Set(work.processed);
  const events = input.events.filter((event) => !taken.has(outboxOf(event)));
  const { catalogue = input.catalogue } = work;
  return {
    ...work,
    events,
    processed: [...new Set([...work.processed, ...input.events.map(outboxOf)])].slice(-MAX_PROCESSED),
    newRules: events.length > 0 && catalogue !== input.catalogue,
    catalogue: events.length > 0 ? input.catalogue : catalogue,
  };
};
