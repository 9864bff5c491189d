// Every change is told to every healthy destination: at least once, and once where nothing came between sending and recording.
import type { DriftEvent } from '../../../shared/model/result.ts';
import type { Scan } from '../../../shared/model/scan.ts';
import type { Silence } from '../../../shared/alerts/alert-service.ts';
import type { StoredChange } from '../../support/memory-tables.ts';
import type { Invocation } from '../host.ts';
import type { Post } from '../teams.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';

export interface ToldInvariant extends Invariant {
  happened(event: DriftEvent): void;
}

interface Happened {
  readonly event: DriftEvent;
  /** When it was stored. */
  readonly at: number;
  /** The scan that saw it was complete and handed it to the alerts, and nothing had overtaken it by then. */
  due: boolean;
}

/** deliver.ts: after this, somebody else may send what this one has claimed. */
const LEASE_MS = 120_000;
/** Told as a card of their own each time, whatever else is known of the cluster. */
const CHANGES = new Set<DriftEvent['kind']>(['cluster-appeared', 'cluster-gone', 'engine-changed', 'plugin-changed']);

/** @param literal nothing is held back: no storms, no flapping; then every single change must be on a card */
export function changesAreTold(
  { clock, broken }: Observed,
  destinations: Destinations,
  literal: boolean,
): ToldInvariant {
  const happened: Happened[] = [];
  const byCluster = new Map<string, Happened[]>();
  const waiting = new Set<Happened>();
  /** By cluster name: until when it was silenced, at the latest. */
  const silenced = new Map<string, number>();

  /** A scan was closed and its drift is with the alerts. */
  function dispatched(scan: Scan): void {
    for (const one of waiting) {
      if (one.event.at > scan.at) continue;
      waiting.delete(one);
      const inTime = one.at <= Date.parse(scan.closedAt ?? scan.at);
      one.due = one.event.scanId === scan.id && scan.outcome === 'complete' && inTime && !overtaken(one);
    }
  }

  const overtaken = ({ event, at }: Happened): boolean =>
    (silenced.get(event.clusterName) ?? 0) >= at ||
    byCluster
      .get(event.clusterId)!
      .some(
        (other) =>
          other.event.at > event.at && (other.event.kind === 'cluster-gone' || other.event.rule === event.rule),
      );

  function checkTold(conversationId: string, healthySince: number, posts: readonly Post[]): void {
    for (const { event, at, due } of happened) {
      if (!due || at < healthySince) continue;
      if (!CHANGES.has(event.kind) && event.kind !== 'new-failure') continue;
      if (!posts.some((post) => post.at >= at && (mentions(post, event) || countsTheRest(post))))
        broken(`${conversationId} was never told "${event.title}" of ${event.scanId}`);
    }
  }

  /** What is told again on purpose does not count; who left and came back may be told once more. */
  function checkOnce({ conversationId, posts, times: most }: Destination): void {
    const fresh = posts.filter((post) => !post.update && !isDisturbed(post) && !isRepeat(post));
    for (const [title, all] of Map.groupBy(happened, ({ event }) => event.title)) {
      const times = fresh.reduce((sum, post) => sum + occurrences(post, title), 0);
      if (times > all.length * most)
        broken(`${conversationId} was told "${title}" ${times} times, it happened ${all.length} times`);
    }
  }

  return {
    happened(event) {
      const one = { event, at: clock.now().getTime(), due: false };
      happened.push(one);
      byCluster.set(event.clusterId, [...(byCluster.get(event.clusterId) ?? []), one]);
      waiting.add(one);
    },
    committed(table, changes) {
      for (const { before, after } of changes) {
        if (table === 'Alerts' && after?.partitionKey === 'silence') {
          const { matchers, endsAt } = bodyOf<Silence>(after);
          const cluster = matchers[0]!.replace('cluster=', '');
          silenced.set(cluster, Math.max(silenced.get(cluster) ?? 0, Date.parse(endsAt)));
        }
        const scan = table === 'Scans' ? scanOf(after) : undefined;
        if (scan?.dispatched && !scanOf(before)?.dispatched) dispatched(scan);
      }
    },
    async settled() {
      for (const destination of destinations.all()) {
        const { conversationId, healthySince, goneEver, posts } = destination;
        if (!goneEver) checkOnce(destination);
        if (literal && healthySince !== undefined) checkTold(conversationId, healthySince, posts);
      }
    },
  };
}

const scanOf = (row: StoredChange['after']): Scan | undefined =>
  row?.rowKey.startsWith('s~') ? bodyOf<Scan>(row) : undefined;

const counted = new WeakMap<Post, ReadonlyMap<string, number>>();

/** How often a card tells a change: as a line of its own, with or without its state in front. */
function occurrences(post: Post, title: string): number {
  const known = counted.get(post) ?? countLines(post);
  counted.set(post, known);
  return known.get(title) ?? 0;
}

function countLines({ texts }: Post): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const text of texts) {
    const line = text.replace(/^[a-z]+: /, '');
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  return lines;
}

/** A failure that was over when its card was sent is told as resolved. */
const mentions = (post: Post, { title, topic = title }: DriftEvent): boolean =>
  [title, topic, `Resolved: ${topic}`].some((line) => occurrences(post, line) > 0);

/** The headline says so; warnings that scans have stopped and that somebody cannot be posted to may stand above it. */
const isRepeat = ({ texts }: Post): boolean => texts.slice(0, 3).some((text) => text.startsWith('Still '));

const countsTheRest = ({ texts }: Post): boolean => texts.some((text) => /^and \d+ more/.test(text));

/** @returns true when something came between sending and recording: it may be sent once more */
export function isDisturbed({ at, silent, by }: Post): boolean {
  const { state, faultAt, longestWait, startedAt, endedAt }: Invocation = by;
  const long = (endedAt ?? Number.POSITIVE_INFINITY) - startedAt > LEASE_MS;
  return silent || state === 'dead' || faultAt >= at || longestWait > LEASE_MS / 4 || long;
}
