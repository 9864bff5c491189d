// Inhibition: what follows from a larger change is not told beside it. History keeps all of it.
import { clusterSubject } from '../model/finding.ts';
import { rules } from '../rules/index.ts';
import type { AlertEvent } from './alert.ts';

export interface Inhibited {
  readonly told: readonly AlertEvent[];
  readonly muted: readonly AlertEvent[];
}

const inClusterRules = new Set(rules.filter(({ plane }) => plane === 'in-cluster').map(({ id }) => id));

/** @returns true for what an in-cluster rule says, also where its subject is the whole cluster */
export const isInside = ({ rule, subject }: Pick<AlertEvent, 'rule' | 'subject'>): boolean =>
  (rule !== undefined && inClusterRules.has(rule)) || (subject !== undefined && subject !== clusterSubject);

/**
 * A subscription that can no longer be read mutes that its clusters cannot; an engine that changed mutes what its change resolves inside.
 * What fails under the new engine is told: somebody has to mend it. (While there is no engine at all, nothing inside is told.)
 * @param events of one dispatch
 */
export function inhibit(events: readonly AlertEvent[]): Inhibited {
  const lostSubscriptions = of(events, 'subscription-lost', (event) => event.subscriptionId);
  const backSubscriptions = of(events, 'subscription-regained', (event) => event.subscriptionId);
  const turned = of(events, 'engine-changed', (event) => event.clusterId);
  const isMuted = (event: AlertEvent): boolean => {
    if (event.kind === 'visibility-lost') return lostSubscriptions.has(event.subscriptionId);
    if (event.kind === 'visibility-regained') return backSubscriptions.has(event.subscriptionId);
    return event.kind === 'resolved' && isInside(event) && turned.has(event.clusterId);
  };
  return { told: events.filter((event) => !isMuted(event)), muted: events.filter(isMuted) };
}

const of = (
  events: readonly AlertEvent[],
  kind: AlertEvent['kind'],
  key: (event: AlertEvent) => string,
): ReadonlySet<string> => new Set(events.filter((event) => event.kind === kind).map(key));
