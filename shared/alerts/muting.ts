// What keeps an alert from being told: silences, maintenance, and a larger failure that explains it. History keeps the alert.
import { clusterSubject } from '../model/finding.ts';
import { rules } from '../rules/index.ts';
import type { Alert, AlertEvent } from './alert.ts';
import { isOwn } from './alert.ts';
import type { Silence } from './alert-service.ts';
import { matchesAll, parseMatchers } from './matchers.ts';
import type { AdvanceInput } from './model.ts';
import { maintenanceFor } from './routing.ts';

const inClusterRules = new Set(rules.filter(({ plane }) => plane === 'in-cluster').map(({ id }) => id));

/** @returns true for what an in-cluster rule says, even where its subject is the whole cluster */
export const isInside = ({ rule, subject }: Pick<AlertEvent, 'rule' | 'subject'>): boolean =>
  (rule !== undefined && inClusterRules.has(rule)) || (subject !== undefined && subject !== clusterSubject);

type MutingInput = Pick<AdvanceInput, 'silences' | 'routing' | 'fleet' | 'now'>;

/**
 * @param alerts all of them: one may explain another
 * @returns a function that tells why an alert is not told at present, for people to read; nothing when it is
 */
export function createMuting(alerts: readonly Alert[], input: MutingInput): (alert: Alert) => readonly string[] {
  const { routing, now } = input;
  const silencesOf = activeSilences(input.silences, now);
  const explanationOf = largerFailures(alerts, input.fleet);
  return ({ event }) => {
    if (isOwn(event)) return [];
    const silenced = silencesOf(event).map(
      ({ id, createdBy, endsAt }) => `silence ${id} by ${createdBy} until ${endsAt}`,
    );
    const maintained = maintenanceFor(routing, event, now);
    const larger = explanationOf(event);
    return [
      ...silenced,
      ...(maintained ? [`maintenance: ${maintained.comment}`] : []),
      ...(larger === undefined ? [] : [larger]),
    ];
  };
}

/** @returns a function that tells whether a silence means an alert, while it is in force; what is about Bulkhead itself is never silenced */
export function isMeantBy({ matchers: texts }: Pick<Silence, 'matchers'>): (event: AlertEvent) => boolean {
  const parsed = parseMatchers(texts);
  return (event) => 'matchers' in parsed && !isOwn(event) && matchesAll(parsed.matchers, event);
}

/** @returns a function that gives the silences in force that mean an alert, in their order */
export function activeSilences(silences: readonly Silence[], now: Date): (event: AlertEvent) => readonly Silence[] {
  const active = silences
    .filter((one) => isActive(one, now))
    .map((silence) => ({ silence, means: isMeantBy(silence) }));
  return (event) => active.filter(({ means }) => means(event)).map(({ silence }) => silence);
}

const isActive = ({ startsAt, endsAt }: Silence, now: Date): boolean =>
  Date.parse(startsAt) <= now.getTime() && now.getTime() < Date.parse(endsAt);

/**
 * A subscription that cannot be read explains its clusters; a cluster that cannot be read explains what its rules would say;
 * one without an engine explains what is wrong inside.
 */
function largerFailures(
  alerts: readonly Alert[],
  fleet: AdvanceInput['fleet'],
): (event: AlertEvent) => string | undefined {
  const clusters = new Map(fleet?.clusters.map((cluster) => [cluster.id, cluster]));
  const blind = new Set(fleet?.subscriptions.filter(({ readable }) => !readable).map(({ id }) => id));
  for (const { event, status } of alerts)
    if (event.kind === 'subscription-lost' && status !== 'resolved') blind.add(event.subscriptionId);
  return (event) => {
    if (event.kind === 'subscription-lost' || event.kind === 'subscription-regained') return undefined;
    if (event.clusterId !== '' && blind.has(event.subscriptionId)) return 'its subscription cannot be read';
    const cluster = clusters.get(event.clusterId);
    if (!cluster || event.rule === undefined) return undefined;
    if (cluster.unreadable) return 'its cluster cannot be read';
    return isInside(event) && cluster.engine === 'none' ? 'its cluster has no engine' : undefined;
  };
}
