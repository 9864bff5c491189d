// What an alert card says: its headline, and the state of each alert on it.
import type { Shown } from '../../../alerts/alert.ts';
import type { AlertsCard, CardItem } from '../../../alerts/card.ts';
import type { Color } from './colors.ts';
import type { Element } from './elements.ts';
import { severityColor } from './colors.ts';
import { text } from './elements.ts';
import { age, clip, moment } from './words.ts';
import { andMore, isGoodNews, titleOf, topicOf } from './event.ts';

export interface Headline {
  readonly text: string;
  readonly color: Color;
}

/** Names are data: this much of one is quoted. */
const MAX_NAME_CHARS = 40;
const MOST_NAMES = 2;

export const isOpen = ({ shown }: CardItem): boolean => shown !== 'resolved';

/** What happened once is told and over: only what lasts can be resolved. */
const lasting = ({ shown }: CardItem): boolean => shown !== 'happened';

/** @returns true when everything on a card that can be resolved has been */
export const isOver = (items: readonly CardItem[]): boolean =>
  items.some(lasting) && items.filter(lasting).every((item) => !isOpen(item));

/** @returns one sentence about the present; what is still wrong comes before what is over */
export function headlineOf({ kind, items, more }: Pick<AlertsCard, 'kind' | 'items' | 'more'>, now: Date): Headline {
  const states = items.filter(lasting);
  const open = states.filter(isOpen);
  const resolved = states.length - open.length;
  const lead = resolved > 0 ? (open[0] ?? states[0]) : items[0];
  const rest = items.length + more - 1;
  if (!lead) return { text: andMore('Something changed', rest), color: 'default' };
  const all = (shown: Shown): boolean => more === 0 && open.length > 0 && open.every((item) => item.shown === shown);
  const [title, topic] = [titleOf(lead.event), topicOf(lead.event)];
  const color = colorOf(lead);
  if (isOver(items) && more === 0) return { text: `Resolved: ${andMore(topic, rest)}`, color: 'good' };
  if (resolved > 0) return { text: `${resolved} of ${states.length + more} resolved: ${title}`, color };
  if (all('acknowledged'))
    return { text: `Acknowledged by ${namesOf(open)}: ${andMore(title, rest)}`, color: 'accent' };
  if (all('silenced'))
    return { text: `Silenced until ${moment(firstEnd(open))}: ${andMore(title, rest)}`, color: 'default' };
  if (all('repeated')) return { text: `Posted again on a newer card: ${andMore(title, rest)}`, color: 'default' };
  if (lead.shown === 'flapping') return { text: `Flapping since ${moment(lead.at)}: ${andMore(title, rest)}`, color };
  if (kind === 'repeat') {
    const still = lead.event.rule === undefined ? 'Still so' : 'Still failing';
    return { text: `${still}: ${andMore(topic, rest)}, for ${age(lead.at, now)}`, color };
  }
  return { text: andMore(title, rest), color };
}

/** When the first of several silences ends. */
const firstEnd = (items: readonly CardItem[]): string =>
  items.flatMap(({ silence }) => silence?.until ?? []).toSorted()[0]!;

function namesOf(items: readonly CardItem[]): string {
  const names = [...new Set(items.map(({ by }) => clip(by ?? 'somebody', MAX_NAME_CHARS)))];
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(' and ');
}

export const colorOf = ({ shown, event }: CardItem): Color =>
  stateColor[shown] ?? (isGoodNews(event) ? 'good' : severityColor[event.severity]);

const stateColor: Readonly<Partial<Record<Shown, Color>>> = {
  resolved: 'good',
  acknowledged: 'accent',
  silenced: 'default',
  flapping: 'warning',
  repeated: 'default',
};

const acknowledgedBy = (name: string): string => `acknowledged by ${clip(name, MAX_NAME_CHARS)}`;

/** Moments and not ages: a posted card stays as it is while time goes on. */
const stateWords: Readonly<Record<Shown, (item: CardItem) => string>> = {
  firing: ({ at }) => `firing since ${moment(at)}`,
  repeated: () => 'posted again on a newer card',
  acknowledged: ({ by = 'somebody' }) => acknowledgedBy(by),
  silenced: ({ silence, by }) =>
    [
      silence ? `silenced by ${clip(silence.by, MAX_NAME_CHARS)} until ${moment(silence.until)}` : 'silenced',
      ...(by === undefined ? [] : [acknowledgedBy(by)]),
    ].join(', '),
  flapping: ({ at, by }) =>
    `keeps switching between failing and passing, since ${moment(at)}${by === undefined ? '' : `, ${acknowledgedBy(by)}`}`,
  resolved: ({ at }) => `resolved ${moment(at)}`,
  happened: ({ event }) => moment(event.at),
};

/** `high · firing since 2026-11-21 10:00 UTC` */
export const stateLine = (item: CardItem): Element =>
  text(`${item.event.severity} · ${stateWords[item.shown](item)}`, {
    size: 'small',
    bold: true,
    color: colorOf(item),
    spacing: 'none',
  });

/** A longer headline would fill a narrow window in large letters. */
const LARGE_CHARS = 60;

/** The headline, and one small line below it. */
export const headElements = ({ text: words, color }: Headline, below: readonly (string | undefined)[]): Element[] => [
  text(words, { size: words.length > LARGE_CHARS ? 'medium' : 'large', bold: true, color }),
  text(below.filter(Boolean).join(' · '), { size: 'small', subtle: true, spacing: 'none' }),
];

/** An alert on one line: its severity or what became of it, and its title. */
export function itemLine(item: CardItem): Element {
  const { shown, event } = item;
  const state = shown === 'firing' || shown === 'happened' ? event.severity : shown;
  const words = shown === 'resolved' ? topicOf(event) : titleOf(event);
  return text(`${state}: ${words}`, { size: 'small', color: colorOf(item), spacing: 'small' });
}
