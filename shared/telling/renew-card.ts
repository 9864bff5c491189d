// What a card says of failures that last, in the words of the newest results: what waited through an outage is told as it is now.
import type { AlertEvent } from '../alerts/alert.ts';
import type { Card, CardItem } from '../alerts/card.ts';
import { alertId } from '../alerts/lifecycle.ts';
import { clusterKey } from '../model/keys.ts';
import type { Table } from '../ports.ts';
import { inParts } from '../store/parts.ts';
import { readLatest } from '../store/results.ts';
import { ifReadable } from './if-readable.ts';
import { failuresOf, withWords } from './renew.ts';

const PARALLEL_READS = 16;

/** @returns the card; the same one when it says already what results say now, and what no longer fails as it was: that is told by the alert */
export async function inPresentWords(results: Table, card: Card): Promise<Card> {
  const items = card.kind === 'digest' ? card.unacknowledged : card.items;
  const clusters = [...new Set(items.filter(canBeRenewed).map(({ event }) => event.clusterId))];
  const failures = new Map<string, AlertEvent>();
  for (const part of inParts(clusters, PARALLEL_READS))
    for (const stored of await Promise.all(part.map((id) => ifReadable(readLatest(results, clusterKey(id))))))
      if (stored) for (const event of failuresOf(stored)) failures.set(alertId(event), event);
  const next = items.map((item): CardItem => {
    const now = canBeRenewed(item) ? failures.get(alertId(item.event)) : undefined;
    const event = now ? withWords(item.event, now) : item.event;
    return event === item.event ? item : { ...item, event };
  });
  if (next.every((item, index) => item === items[index])) return card;
  return card.kind === 'digest' ? { ...card, unacknowledged: next } : { ...card, items: next };
}

const canBeRenewed = ({ shown, event }: CardItem): boolean =>
  event.rule !== undefined && event.clusterId !== '' && shown !== 'resolved' && shown !== 'happened';
