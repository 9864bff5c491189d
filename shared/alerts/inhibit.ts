// Inhibition: what follows from a larger change is not told beside it. History keeps all of it.
import type { AlertEvent } from './alert.ts';

export interface Inhibited {
  readonly told: readonly AlertEvent[];
  readonly muted: readonly AlertEvent[];
}

/**
 * A subscription that can no longer be read mutes that its clusters cannot; a cluster that cannot be read, or has lost its engine,
 * mutes what its in-cluster rules say because of it.
 * @param events of one dispatch
 */
export function inhibit(events: readonly AlertEvent[]): Inhibited {
  const lostSubscriptions = of(events, 'subscription-lost', (event) => event.subscriptionId);
  const backSubscriptions = of(events, 'subscription-regained', (event) => event.subscriptionId);
  const turned = of(events, 'engine-changed', (event) => event.clusterId);
  const isMuted = (event: AlertEvent): boolean => {
    if (event.kind === 'visibility-lost') return lostSubscriptions.has(event.subscriptionId);
    if (event.kind === 'visibility-regained') return backSubscriptions.has(event.subscriptionId);
    const inside = event.subject !== undefined && event.subject !== 'cluster';
    return inside && turned.has(event.clusterId) && (event.kind === 'new-failure' || event.kind === 'resolved');
  };
  return { told: events.filter((event) => !isMuted(event)), muted: events.filter(isMuted) };
}

const of = (
  events: readonly AlertEvent[],
  kind: AlertEvent['kind'],
  key: (event: AlertEvent) => string,
): ReadonlySet<string> => new Set(events.filter((event) => event.kind === kind).map(key));
