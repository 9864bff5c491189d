// The latest changes of one cluster, newest first.
import type { FleetCluster } from '../../model/fleet.ts';
import type { DriftEvent } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import { headElements } from './parts/alert-words.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { severityColor, verdictColor } from './parts/colors.ts';
import { button, text } from './parts/elements.ts';
import { age, clip, moment } from './parts/words.ts';
import { isGoodNews, titleOf } from './parts/event.ts';

const MOST = 15;

/** @param events newest first */
export function historyCard(cluster: FleetCluster, events: readonly DriftEvent[], now: Date): CardMessage {
  const { name, verdict, since, key } = cluster;
  const headline = `${name}: ${verdict} for ${age(since, now)}`;
  const body: Element[] = [
    ...headElements({ text: headline, color: verdictColor[verdict] }, ['Its latest changes, newest first']),
    ...(events.length === 0 ? [text('Nothing has changed since it was first seen, or since history begins.')] : []),
    ...events.slice(0, MOST).map((event) => block(event, now)),
    ...(events.length > MOST ? [text('There are more: the HTTP API gives all of them', { subtle: true })] : []),
  ];
  return card(headline, body, [button(`Status of ${name}`, `status ${key}`), button('Alerts', `alerts ${key}`)]);
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
