// The storm card: what so many changes have in common, and the worst of them.
import type { StormCard } from '../../alerts/card.ts';
import type { CardMessage } from '../../ports.ts';
import { alertActions } from './parts/alert-actions.ts';
import { colorOf, headElements, isOpen, itemLine } from './parts/alert-words.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { columns, text } from './parts/elements.ts';
import { clip, counted, moment } from './parts/words.ts';
import { kindWords } from './parts/event.ts';

const ROWS = 10;
const WORST = 5;
const MAX_WHY_CHARS = 200;

export function stormCard({ why, clusters, byKind, items, more, at }: StormCard): CardMessage {
  const over = items.length > 0 && more === 0 && !items.some(isOpen);
  const headline = `${over ? 'Resolved: ' : ''}${clip(why, MAX_WHY_CHARS)}`;
  const rest = more + Math.max(0, items.length - WORST);
  const body: Element[] = [
    ...headElements({ text: headline, color: over ? 'good' : items[0] ? colorOf(items[0]) : 'warning' }, [
      `${counted(clusters, 'cluster')}, one card`,
      moment(at),
    ]),
    row('What changed', 'Rule', 'Clusters', { bold: true }),
    ...byKind.slice(0, ROWS).map(({ kind, rule, clusters: count }) => row(kindWords(kind), rule ?? '–', String(count))),
    ...(byKind.length > ROWS ? [text(`and ${byKind.length - ROWS} more kinds of change`, { subtle: true })] : []),
    ...(items.length > 0 ? [text('The worst', { bold: true, spacing: 'medium' })] : []),
    ...items.slice(0, WORST).map(itemLine),
    ...(rest > 0 ? [text(`and ${rest} more: type “alerts” to see them`, { subtle: true })] : []),
  ];
  return card(headline, body, alertActions(items));
}

const row = (what: string, rule: string, clusters: string, style: { bold?: boolean } = {}): Element =>
  columns(
    { items: [text(clip(what, 60), { size: 'small', ...style })], width: '3' },
    { items: [text(clip(rule, 60), { size: 'small', ...style })], width: '4' },
    { items: [text(clusters, { size: 'small', ...style })], width: '2' },
  );
