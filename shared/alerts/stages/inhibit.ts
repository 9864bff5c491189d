// Inhibition: what follows from a larger change is not told beside it. History keeps all of it.
import type { AlertEvent } from '../alert.ts';
import { isInside } from '../muting.ts';
import type { Stage } from './stage.ts';

/**
 * A subscription that can no longer be read explains why its clusters cannot be read either; an engine that changed explains what
 * that resolves inside the cluster. What fails under the new engine is told: somebody has to mend it. (While there is no engine at
 * all, nothing inside is told: see muting.)
 */
export const inhibit: Stage = (work) => {
  const lost = about(work.events, 'subscription-lost', ({ subscriptionId }) => subscriptionId);
  const regained = about(work.events, 'subscription-regained', ({ subscriptionId }) => subscriptionId);
  const otherEngine = about(work.events, 'engine-changed', ({ clusterId }) => clusterId);
  const isInhibited = (event: AlertEvent): boolean => {
    if (event.kind === 'visibility-lost') return lost.has(event.subscriptionId);
    if (event.kind === 'visibility-regained') return regained.has(event.subscriptionId);
    return event.kind === 'resolved' && isInside(event) && otherEngine.has(event.clusterId);
  };
  return {
    ...work,
    events: work.events.filter((event) => !isInhibited(event)),
    inhibited: work.events.filter(isInhibited),
  };
};

const about = (
  events: readonly AlertEvent[],
  kind: AlertEvent['kind'],
  key: (event: AlertEvent) => string,
): ReadonlySet<string> => new Set(events.filter((event) => event.kind === kind).map(key));
