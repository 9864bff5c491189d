// Every change is told to every healthy destination: at least once, and once where nothing came between sending and recording.
import type { DriftEvent } from '../../../shared/model/result.ts';
import type { Invocation } from '../host.ts';
import type { Post } from '../teams.ts';
import type { Invariant, Observed } from './invariant.ts';

export interface ToldInvariant extends Invariant {
  happened(event: DriftEvent): void;
}

interface Happened {
  readonly event: DriftEvent;
  readonly at: number;
}

interface Destination {
  readonly conversationId: string;
  /** Since when it can be posted to without interruption; undefined while it cannot. */
  healthySince?: number | undefined;
  goneSeen: boolean;
  retries: number;
  readonly posts: Post[];
}

/** deliver.ts: after so many tries a destination counts as failed. */
const MAX_ATTEMPTS = 12;
/** deliver.ts: after this, somebody else may send what this one has claimed. */
const LEASE_MS = 120_000;
/** Muted beside what they follow from. */
const MAY_BE_MUTED = new Set<DriftEvent['kind']>(['visibility-lost', 'visibility-regained']);

export function changesAreTold({ clock, broken }: Observed): ToldInvariant {
  const happened: Happened[] = [];
  const destinations = new Map<string, Destination>();

  const destination = (conversationId: string): Destination => {
    const found = destinations.get(conversationId) ?? { conversationId, goneSeen: false, retries: 0, posts: [] };
    destinations.set(conversationId, found);
    return found;
  };

  function checkDestination({ conversationId, healthySince, posts }: Destination): void {
    const titles = Map.groupBy(happened, ({ event }) => event.title);
    for (const [title, all] of titles) checkOnce(conversationId, title, all.length, posts);
    if (healthySince === undefined) return;
    const toldAt = new Map<DriftEvent, number>();
    for (const [title, all] of titles) {
      const told = posts.flatMap((post) => Array.from({ length: occurrences(post, title) }, () => post.at));
      let next = 0;
      for (const { event, at } of all) {
        if (at < healthySince || MAY_BE_MUTED.has(event.kind)) continue;
        while (next < told.length && told[next]! < at) next++;
        if (next < told.length) toldAt.set(event, told[next++]!);
        else if (!posts.some((post) => post.at >= at && countsTheRest(post)))
          broken(`${conversationId} was never told "${title}" of ${event.scanId}`);
      }
    }
    checkOrder(conversationId, toldAt);
  }

  function checkOnce(conversationId: string, title: string, most: number, posts: readonly Post[]): void {
    let times = 0;
    for (const post of posts) if (!post.update && !isDisturbed(post)) times += occurrences(post, title);
    if (times > most) broken(`${conversationId} was told "${title}" ${times} times, it happened ${most} times`);
  }

  function checkOrder(conversationId: string, toldAt: ReadonlyMap<DriftEvent, number>): void {
    const bySubject = Map.groupBy(toldAt, ([{ clusterId, rule, subject }]) => [clusterId, rule, subject].join(' '));
    for (const events of bySubject.values()) {
      const inOrder = events.toSorted(([a], [b]) => (a.at < b.at ? -1 : 1));
      for (const [index, [event, at]] of inOrder.entries()) {
        const earlier = inOrder.slice(0, index).find(([, told]) => told > at);
        if (event.kind === 'resolved' && earlier)
          broken(`${conversationId} was told "${event.title}" before "${earlier[0].title}"`);
      }
    }
  }

  return {
    happened: (event) => void happened.push({ event, at: clock.now().getTime() }),
    posted: (post) => void destination(post.conversationId).posts.push(post),
    refused(conversationId, status) {
      if (status === 'gone') destination(conversationId).goneSeen = true;
      else destination(conversationId).retries++;
    },
    committed(table, changes) {
      if (table !== 'Chat') return;
      for (const { before, after } of changes) {
        const row = (after ?? before)!;
        if (row.partitionKey !== 'destination') continue;
        const found = destination((JSON.parse(row['address'] as string) as { conversationId: string }).conversationId);
        const healthy = after !== undefined && after['failed'] === undefined;
        if (after?.['failed'] !== undefined && !found.goneSeen && found.retries < MAX_ATTEMPTS)
          broken(`${found.conversationId} was given up although Teams never called it gone`);
        if (healthy && found.healthySince === undefined)
          Object.assign(found, { healthySince: clock.now().getTime(), goneSeen: false, retries: 0 });
        if (!healthy) found.healthySince = undefined;
      }
    },
    async settled() {
      for (const found of destinations.values()) checkDestination(found);
    },
  };
}

/** How often a card tells a change: as a line of its own, with or without its severity in front. */
function occurrences({ texts }: Post, title: string): number {
  return texts.filter((text) => text.replace(/^(high|medium|low|info): /, '') === title).length;
}

const countsTheRest = ({ texts }: Post): boolean => texts.some((text) => /^and \d+ more$/.test(text));

/** Something came between sending and recording: it may be sent once more. */
function isDisturbed({ at, silent, by }: Post): boolean {
  const { state, faultAt, longestWait, startedAt, endedAt }: Invocation = by;
  const long = (endedAt ?? Number.POSITIVE_INFINITY) - startedAt > LEASE_MS;
  return silent || state === 'dead' || faultAt >= at || longestWait > LEASE_MS / 4 || long;
}
