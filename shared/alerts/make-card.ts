// What is due to one destination as one card.
import { createHash } from 'node:crypto';
import { compareText } from '../model/finding.ts';
import type { Card, StormCard } from './card.ts';
import { itemsOf } from './card.ts';
import type { AdvanceInput } from './model.ts';
import { failedSentence } from './target.ts';
import { clustersOf } from './stages/gather-storm.ts';
import type { Due } from './stages/stage.ts';

/** @param dues with the same destination, kind and group, worst first; at least one */
export function makeCard(dues: readonly Due[], { now, scanId, overdue, targets }: AdvanceInput): Card {
  const { destination, kind, group } = dues[0]!;
  const at = now.toISOString();
  const failed = failedSentence(targets);
  const content = {
    id: cardId(destination, kind, at, ...dues.map(({ alert }) => alert.id)),
    destination,
    scanId,
    at,
    ...(overdue === undefined ? {} : { overdue }),
    ...(failed === undefined ? {} : { failed }),
    ...itemsOf(dues.map(({ alert }) => alert)),
  };
  if (kind === 'storm') return { ...content, kind, why: group, clusters: clustersOf(dues), byKind: countKinds(dues) };
  return group === '' ? { ...content, kind } : { ...content, kind, group };
}

/** @returns the id of a card; the same card made again has the same id */
export const cardId = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20);

/** @returns on how many clusters each kind of change was seen, most first */
const countKinds = (dues: readonly Due[]): StormCard['byKind'] =>
  [...Map.groupBy(dues, ({ alert: { event } }) => `${event.kind}\n${event.rule ?? ''}`).values()]
    .map((same) => {
      const { kind, rule } = same[0]!.alert.event;
      return { kind, ...(rule === undefined ? {} : { rule }), clusters: clustersOf(same) };
    })
    .toSorted((a, b) => b.clusters - a.clusters || compareText(a.rule ?? a.kind, b.rule ?? b.kind));
