// The alert card: one clear headline, what changed, and the command that mends it.
import type { Notification } from '../../alerts/model.ts';
import type { DriftEvent } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import type { Element } from './elements.ts';
import { button, card, code, columns, moment, severityColor, text } from './elements.ts';

/** Events are shown in full up to this many; the rest as headlines. */
const IN_FULL = 5;

export function driftCard(notification: Notification): CardMessage {
  const { events, more } = notification;
  const [first] = events;
  const total = events.length + more;
  const headline = total === 1 && first ? first.title : headlineOf(events, total);
  const body: Element[] = [
    text(headline, { size: 'large', bold: true, color: severityColor[first?.severity ?? 'info'] }),
    text(`Seen by the scan of ${moment(first?.at ?? notification.at)}`, {
      size: 'small',
      subtle: true,
      spacing: 'none',
    }),
    ...events.slice(0, IN_FULL).map((event, index) => eventBlock(event, total > 1, !toldBefore(events, index))),
    ...events.slice(IN_FULL).map((event) => text(`${event.severity}: ${event.title}`, { size: 'small' })),
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
  const rest = `${total - 1} more change${total === 2 ? '' : 's'}`;
  if (worst && clusters.size <= 1) return `${worst.title}, and ${rest}`;
  return `${total} changes on ${clusters.size} clusters: ${worst?.title ?? ''}`;
}

/** The same command helps against several changes: it stands on the card once. */
const toldBefore = (events: readonly DriftEvent[], index: number): boolean =>
  events.slice(0, index).some((event) => event.remediation === events[index]!.remediation);

function eventBlock(event: DriftEvent, withTitle: boolean, withRemedy: boolean): Element {
  return {
    type: 'Container',
    separator: true,
    spacing: 'medium',
    items: [
      ...(withTitle ? [text(event.title, { bold: true })] : []),
      text(event.detail, { spacing: 'small' }),
      columns(
        { items: [text(label(event), { size: 'small', subtle: true })] },
        {
          items: [text(event.severity, { size: 'small', bold: true, color: severityColor[event.severity] })],
          width: 'auto',
        },
      ),
      ...(event.remediation === undefined || !withRemedy ? [] : [code(event.remediation)]),
    ],
  };
}

const label = (event: DriftEvent): string =>
  [event.clusterName, event.resourceGroup, event.subscriptionId].filter(Boolean).join(' · ');
