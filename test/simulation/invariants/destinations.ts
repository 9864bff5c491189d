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
  retries: number;
  /** How often it became healthy. */
  times: number;
  readonly posts: Post[];
}

export interface Destinations extends Invariant {
  all(): readonly Destination[];
}

/** deliver.ts: after so many tries a destination counts as failed. */
const MAX_ATTEMPTS = 12;

export function destinationsStay({ clock, broken }: Observed): Destinations {
  const found = new Map<string, Destination>();
  const byConversation = (conversationId: string): Destination | undefined =>
    [...found.values()].find((one) => one.conversationId === conversationId);

  return {
    all: () => [...found.values()],
    posted: (post) => void byConversation(post.conversationId)?.posts.push(post),
    refused(conversationId, status) {
      const one = byConversation(conversationId);
      if (!one) return;
      if (status === 'retry') one.retries++;
      else Object.assign(one, { gone: true, goneEver: clock.now().getTime() });
    },
    committed(table, changes) {
      if (table !== 'Chat') return;
      for (const { before, after } of changes) {
        const row = (after ?? before)!;
        if (row.partitionKey !== 'destination') continue;
        const { conversationId } = JSON.parse(row['address'] as string) as { conversationId: string };
        const never = { healthySince: undefined, subscribedSince: undefined, goneEver: undefined };
        const fresh = { key: row.rowKey, conversationId, ...never, gone: false, retries: 0, times: 0, posts: [] };
        const one: Destination = found.get(row.rowKey) ?? fresh;
        found.set(row.rowKey, one);
        one.subscribedSince = after && (one.subscribedSince ?? clock.now().getTime());
        const healthy = after !== undefined && after['failed'] === undefined;
        if (after?.['failed'] !== undefined && !one.gone && one.retries < MAX_ATTEMPTS)
          broken(`${conversationId} was given up although Teams never called it gone`);
        if (healthy && one.healthySince === undefined)
          Object.assign(one, { healthySince: clock.now().getTime(), gone: false, retries: 0, times: one.times + 1 });
        if (!healthy) one.healthySince = undefined;
      }
    },
  };
}
