// Alerts as a list: each with its id, how long it has lasted, who takes care of it, and why it is muted.
import type { Alert } from '../../alerts/alert.ts';
import type { AlertView } from '../../alerts/alert-service.ts';
import { itemOf } from '../../alerts/card.ts';
import type { CardMessage } from '../../ports.ts';
import { acknowledgeButtons } from './parts/alert-actions.ts';
import type { Color } from './parts/colors.ts';
import type { Element } from './parts/elements.ts';
import { severityColor } from './parts/colors.ts';
import { button, text } from './parts/elements.ts';
import { age, clip, counted, moment } from './parts/words.ts';
import { titleOf } from './parts/event.ts';
import { pagedCard } from './parts/paged.ts';

const PER_PAGE = 8;
const MOST_ENDS = 2;
const MAX_QUOTED_CHARS = 40;

export interface ListWords {
  /** What all of them have in common, for the headline: ` on shop-prod`; may be empty. */
  readonly about: string;
  /** The command that shows this list, without a page. */
  readonly command: string;
  /** Counted from 1. */
  readonly page: number;
  /** The baseline goes on beyond these. */
  readonly more: boolean;
}

/** @param alerts worst first */
export function alertListCard(
  alerts: readonly AlertView[],
  { about, command, page, more }: ListWords,
  now: Date,
): CardMessage {
  const firing = alerts.filter(({ status, baseline }) => status === 'firing' && !baseline);
  const color: Color = firing[0] ? severityColor[firing[0].event.severity] : alerts.length === 0 ? 'good' : 'default';
  const headline = headlineOf(alerts, firing.length, { about, more });
  return pagedCard(
    {
      headline,
      head: [text(headline, { size: 'large', bold: true, color })],
      all: alerts,
      perPage: PER_PAGE,
      block: (alert) => block(alert, now),
      ...(more ? { note: 'The HTTP API lists the whole baseline' } : {}),
      more: { title: 'More alerts', command },
      buttons: (shown) => [
        ...endButtons(shown),
        ...acknowledgeButtons(shown.filter(({ status }) => status === 'firing').map(itemOf)),
        button('Fleet status', 'status'),
      ],
    },
    page,
  );
}

/** Ends the silences of what is shown, each once. */
const endButtons = (shown: readonly AlertView[]): readonly Element[] =>
  [...new Set(shown.flatMap(({ silence }) => silence?.id ?? []))]
    .slice(0, MOST_ENDS)
    .map((id) => button(`End silence ${id}`, `unsilence ${id}`));

function headlineOf(
  alerts: readonly AlertView[],
  firing: number,
  { about, more }: Pick<ListWords, 'about' | 'more'>,
): string {
  if (alerts.length === 0) return `No alert is open${about}`;
  const baseline = alerts.filter((alert) => alert.baseline).length;
  const pending = alerts.length - firing - baseline;
  const muted = alerts.filter(({ suppressedBy }) => suppressedBy.length > 0).length;
  return [
    `${counted(firing, 'alert')} firing${about}`,
    ...(baseline > 0 ? [`${more ? 'more than ' : ''}${counted(baseline, 'failure')} in the baseline`] : []),
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(muted > 0 ? [`${muted} muted`] : []),
  ].join(', ');
}

function block(alert: AlertView, now: Date): Element {
  const { id, event, ack, suppressedBy } = alert;
  return {
    type: 'Container',
    separator: true,
    items: [
      text(titleOf(event), { bold: true }),
      text(`${event.severity} · ${standing(alert, now)} · alert ${id}`, {
        size: 'small',
        color: severityColor[event.severity],
        spacing: 'none',
      }),
      ...(ack ? [text(acknowledged(ack), { size: 'small', color: 'accent', spacing: 'none' })] : []),
      ...(suppressedBy.length > 0
        ? [text(`muted: ${clip(suppressedBy.join('; '), 200)}`, { size: 'small', subtle: true, spacing: 'none' })]
        : []),
    ],
  };
}

function standing({ status, flapping, since, baseline }: Alert, now: Date): string {
  if (baseline) return 'baseline: it failed before anybody could be told';
  if (flapping) return `keeps switching between failing and passing, for ${age(since, now)}`;
  return status === 'pending' ? `pending for ${age(since, now)}, not posted yet` : `firing for ${age(since, now)}`;
}

/** Who takes care of it, since when, and what they said, as quoted data. */
export function acknowledged({ by, at, comment }: NonNullable<Alert['ack']>): string {
  const said = comment === undefined ? '' : `: “${clip(comment, MAX_QUOTED_CHARS)}”`;
  return `acknowledged by ${clip(by, MAX_QUOTED_CHARS)}, ${moment(at)}${said}`;
}
