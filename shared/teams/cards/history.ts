// The latest changes of one cluster, newest first, page by page.
import type { FleetCluster } from '../../model/fleet.ts';
import type { DriftEvent } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import { headElements } from './parts/alert-words.ts';
import type { Element } from './parts/elements.ts';
import { severityColor, verdictColor } from './parts/colors.ts';
import { button, text } from './parts/elements.ts';
import { age, clip, moment } from './parts/words.ts';
import { isGoodNews, titleOf } from './parts/event.ts';
import { pagedCard } from './parts/paged.ts';

const PER_PAGE = 15;

export interface HistoryWords {
  /** There are older changes than these. */
  readonly older: boolean;
  /** Counted from 1. */
  readonly page: number;
}

/** @param events newest first */
export function historyCard(
  { name, verdict, since, key }: FleetCluster,
  events: readonly DriftEvent[],
  { older, page }: HistoryWords,
  now: Date,
): CardMessage {
  const headline = `${name}: ${verdict} for ${age(since, now)}`;
  const none = [text('Nothing has changed since it was first seen, or since history begins.')];
  return pagedCard(
    {
      headline,
      head: [
        ...headElements({ text: headline, color: verdictColor[verdict] }, ['Its latest changes, newest first']),
        ...(events.length === 0 ? none : []),
      ],
      all: events,
      perPage: PER_PAGE,
      block: (event) => block(event, now),
      ...(older ? { note: 'The HTTP API has the older changes' } : {}),
      more: { title: 'More changes', command: `history ${key}` },
      buttons: () => [button(`Status of ${name}`, `status ${key}`), button('Alerts', `alerts ${key}`)],
    },
    page,
  );
}

const block = (event: DriftEvent, now: Date): Element => ({
  type: 'Container',
  separator: true,
  items: [
    text(titleOf(event), { bold: true, color: isGoodNews(event) ? 'good' : severityColor[event.severity] }),
    text(`${age(event.at, now)} ago, ${moment(event.at)} · ${event.severity}`, {
      size: 'small',
      subtle: true,
      spacing: 'none',
    }),
    text(clip(event.detail, 200), { size: 'small', spacing: 'none' }),
  ],
});
