// The card of a notification: one clear headline, what changed, and the command that mends it.
import type { Notification } from '../../alerts/model.ts';
import type { DriftEvent } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import type { Element } from './elements.ts';
import { button, card, moment, severityColor, text } from './elements.ts';
import { andMore, eventBlock, isFirstRemedy, titleOf } from './event.ts';

/** Events are shown in full up to this many; the rest as headlines. */
const IN_FULL = 5;

export function driftCard(notification: Notification): CardMessage {
  const { events, more } = notification;
  const [first] = events;
  const total = events.length + more;
  const headline = headlineOf(events, total);
  const body: Element[] = [
    text(headline, { size: 'large', bold: true, color: severityColor[first?.severity ?? 'info'] }),
    text(`Seen by the scan of ${moment(first?.at ?? notification.at)}`, {
      size: 'small',
      subtle: true,
      spacing: 'none',
    }),
    ...events.slice(0, IN_FULL).map((event, index) =>
      eventBlock({
        event,
        state: text(event.severity, { size: 'small', bold: true, color: severityColor[event.severity] }),
        withTitle: total > 1,
        withRemedy: isFirstRemedy(events, index),
      }),
    ),
    ...events.slice(IN_FULL).map((event) => text(`${event.severity}: ${titleOf(event)}`, { size: 'small' })),
    ...(more > 0 ? [text(`and ${more} more`, { subtle: true })] : []),
  ];
  const clusters = [...new Set(events.map((event) => event.clusterName).filter(Boolean))];
  return card(headline, body, [
    ...clusters.slice(0, 3).map((name) => button(`Status of ${name}`, `status ${name}`)),
    button('Fleet status', 'status'),
  ]);
}

function headlineOf(events: readonly DriftEvent[], total: number): string {
  const clusters = new Set(events.map((event) => event.clusterName).filter(Boolean));
  const [worst] = events;
  if (worst && clusters.size <= 1) return andMore(titleOf(worst), total - 1);
  return `${total} changes on ${clusters.size} clusters: ${worst ? titleOf(worst) : ''}`;
}
