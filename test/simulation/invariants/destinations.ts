// Who can be posted to, since when, and what was posted there. A destination is given up only for a reason.
import type { Post } from '../teams.ts';
import type { Invariant, Observed } from './invariant.ts';

export interface Destination {
  readonly key: string;
  readonly conversationId: string;
  /** Since when it can be posted to without interruption; undefined while it cannot. */
  healthySince: number | undefined;
  /** Since when it is subscribed without interruption, whether or not it can be posted to; undefined while it is not. */
  subscribedSince: number | undefined;
  /** Teams called it gone since it subscribed last. */
  gone: boolean;
  /** When Teams called it gone last; undefined when never. */
  goneEver: number | undefined;
  /** Since when Teams has been giving no other answer than that it is busy. */
  busySince: number | undefined;
  /** How often it became healthy. */
  times: number;
  readonly posts: Post[];
}

export interface Destinations extends Invariant {
  all(): readonly Destination[];
}

/** Teams itself may be down for hours: nobody is given up in less than a day of busy answers. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

export function destinationsStay({ clock, broken }: Observed): Destinations {
  const found = new Map<string, Destination>();
  const byConversation = (conversationId: string): Destination | undefined =>
    [...found.values()].find((one) => one.conversationId === conversationId);

  return {
    all: () => [...found.values()],
    posted(post) {
      const one = byConversation(post.conversationId);
      one?.posts.push(post);
      // Whoever sent it does not know that it arrived.
      if (one) one.busySince = post.silent ? (one.busySince ?? clock.now().getTime()) : undefined;
    },
    refused(conversationId, status) {
      const one = byConversation(conversationId);
      if (!one) return;
      if (status === 'retry') one.busySince ??= clock.now().getTime();
      else Object.assign(one, { gone: true, goneEver: clock.now().getTime() });
    },
    committed(table, changes) {
      if (table !== 'Chat') return;
      for (const { before, after } of changes) {
        const row = (after ?? before)!;
        if (row.partitionKey !== 'destination') continue;
        const { conversationId } = JSON.parse(row['address'] as string) as { conversationId: string };
        const never = { healthySince: undefined, subscribedSince: undefined, goneEver: undefined };
        const fresh = {
          key: row.rowKey,
          conversationId,
          ...never,
          gone: false,
          busySince: undefined,
          times: 0,
          posts: [],
        };
        const one: Destination = found.get(row.rowKey) ?? fresh;
        found.set(row.rowKey, one);
        one.subscribedSince = after && (one.subscribedSince ?? clock.now().getTime());
        const healthy = after !== undefined && after['failed'] === undefined;
        const busy = clock.now().getTime() - (one.busySince ?? Number.POSITIVE_INFINITY);
        const isGivenUp = after?.['failed'] !== undefined && before?.['failed'] === undefined;
        if (isGivenUp && !one.gone && busy < GIVEN_UP_AFTER_MS)
          broken(`${conversationId} was given up although Teams never called it gone`);
        if (healthy && one.healthySince === undefined)
          Object.assign(one, { healthySince: clock.now().getTime(), gone: false, times: one.times + 1 });
        if (!healthy) one.healthySince = undefined;
      }
    },
  };
}
