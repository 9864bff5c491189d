// A failure that lasts beyond every mute is told within one scan of the mute's end, whatever its course; and no card says of anything
// that it fails when it no longer does.
import { alertId } from '../../../shared/alerts/lifecycle.ts';
import type { Silence } from '../../../shared/alerts/alert-service.ts';
import type { FleetSubscription } from '../../../shared/model/fleet.ts';
import type { DriftEvent } from '../../../shared/model/result.ts';
import type { Scan } from '../../../shared/model/scan.ts';
import { NOTIFICATION } from '../../../shared/telling/alert-rows.ts';
import type { TableName } from '../../../shared/ports.ts';
import type { StoredChange } from '../../support/memory-tables.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';
import type { Failure, Known } from './known.ts';
import { alertOf, isInCluster, nameOf } from './known.ts';
import { countsMore, linesOf, saidBy, standing } from './shown.ts';
import { isDisturbed } from './told.ts';

export interface LastingInvariant extends Invariant {
  happened(event: DriftEvent): void;
}

/** Something that fails or failed, as scans that were told of found it. */
interface Course {
  readonly what: string;
  /** The dispatch before the first of those that found it failing: no card of it is older. */
  since: number;
  /** Scans in a row that found it failing while nothing muted it. */
  failing: number;
  /** Scans in a row after which it did not stand as a failure. */
  over: number;
}

export function lastingIsTold(
  { clock, asked, broken }: Observed,
  clusters: ReadonlyMap<string, Known>,
  destinations: Destinations,
): LastingInvariant {
  /** By the id of the alert. */
  const courses = new Map<string, Course>();
  /** The newest headline of each, by the id of the alert. */
  const titles = new Map<string, string>();
  /** By cluster name. */
  const silences = new Map<string, Silence>();
  const unreadable = new Set<string>();
  /** Row keys of what was not sent yet, by destination. */
  const waiting = new Map<string, string>();
  let dispatched = clock.now().getTime();

  function isMuted({ result, gone }: Known, { rule }: Failure, now: number): boolean {
    if (!result || gone || result.unreadable || unreadable.has(result.subscriptionId)) return true;
    if (isInCluster(rule) && result.engine === 'none') return true;
    // A silence that outlasts what people asked for mutes nothing that they want muted.
    if (!asked.isSilenced(result.name, now)) return false;
    return [...silences.values()].some(
      ({ matchers, endsAt }) => matchers[0] === `cluster=${result.name}` && Date.parse(endsAt) > now,
    );
  }

  function look(now: number): void {
    const found = new Set<string>();
    for (const known of clusters.values())
      for (const failure of known.standing.values()) {
        if (failure.verdict !== 'fail' || known.gone || !known.result) continue;
        const { clusterId, name } = known.result;
        const id = alertOf(clusterId, failure);
        found.add(id);
        const what = `${nameOf(failure)} of ${name}`;
        const course = courses.get(id) ?? { what, since: dispatched, failing: 0, over: 0 };
        courses.set(id, course);
        if (course.over > 0) course.since = dispatched;
        const seen = known.result.findings.some((one) => nameOf(one) === nameOf(failure) && one.verdict === 'fail');
        const counts = seen && !failure.baseline && !isMuted(known, failure, now);
        Object.assign(course, { failing: counts ? course.failing + 1 : 0, over: 0 });
      }
    for (const [id, course] of courses)
      if (!found.has(id)) Object.assign(course, { failing: 0, over: course.over + 1 });
  }

  function check({ key, conversationId, healthySince, subscribedSince, posts }: Destination): void {
    // What waits to be sent may be what is missing.
    if (
      healthySince === undefined ||
      subscribedSince === undefined ||
      healthySince > dispatched ||
      [...waiting.values()].includes(key)
    )
      return;
    const cards = standing(posts);
    const open = new Set(cards.flatMap(saidBy).flatMap(({ alert, state }) => (isOpen(state) ? [alert] : [])));
    for (const [id, { what, since, failing }] of courses) {
      if (failing < 2 || since < subscribedSince || open.has(id)) continue;
      const fresh = cards.filter(({ at }) => at >= since);
      if (!fresh.some((card) => countsMore(card) || linesOf(card).includes(titles.get(id) ?? '')))
        broken(`${conversationId} is not told that ${what} fails, ${failing} scans after nothing muted it`);
    }
    // A card whose sender never learnt where it stands cannot be brought up to date.
    const orphans = new Set(posts.filter(isDisturbed).map(({ activityId }) => activityId));
    const kept = standing(posts).filter(({ at, activityId }) => at >= healthySince && !orphans.has(activityId));
    // What keeps switching may pass just now, also under a silence.
    for (const { alert, state } of kept.flatMap(saidBy))
      if (/^(firing|acknowledged)/.test(state) && (courses.get(alert)?.over ?? 0) > 1)
        broken(`${conversationId} still shows ${courses.get(alert)!.what} as ${state}, and it does not fail`);
  }

  function note(table: TableName, { before, after }: StoredChange): void {
    const row = (after ?? before)!;
    if (table === 'Results' && row.partitionKey.startsWith('subscription~') && after?.rowKey === 'latest') {
      const { id, readable } = bodyOf<FleetSubscription>(after);
      if (readable) unreadable.delete(id);
      else unreadable.add(id);
    }
    if (table !== 'Alerts') return;
    if (after?.partitionKey === 'silence') silences.set(after.rowKey, bodyOf<Silence>(after));
    if (!row.rowKey.startsWith(NOTIFICATION)) return;
    if (after) waiting.set(after.rowKey, after['destination'] as string);
    else waiting.delete(row.rowKey);
  }

  return {
    happened(event) {
      if (event.rule !== undefined) titles.set(alertId(event), event.title);
    },
    committed(table, changes) {
      for (const change of changes) note(table, change);
      if (table !== 'Scans' || !changes.some(isDispatched)) return;
      const now = clock.now().getTime();
      look(now);
      for (const destination of destinations.all()) check(destination);
      dispatched = now;
    },
  };
}

/** @returns true for the moment at which the alerts have taken up what a scan found */
export const isDispatched = ({ before, after }: StoredChange): boolean =>
  after?.rowKey.startsWith('s~') === true &&
  bodyOf<Scan>(after).dispatched &&
  !(before !== undefined && bodyOf<Scan>(before).dispatched);

const isOpen = (state: string): boolean => !state.startsWith('resolved') && !state.startsWith('posted again');
