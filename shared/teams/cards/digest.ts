// The digest: how the fleet stands, how it got there, and what nobody takes care of yet.
import type { DigestCard, DigestPoint } from '../../alerts/card.ts';
import type { Verdict } from '../../model/verdict.ts';
import type { CardMessage } from '../../ports.ts';
import { acknowledgeButtons } from './parts/alert-actions.ts';
import { headElements, itemLine } from './parts/alert-words.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { chartColor, verdictColor } from './parts/colors.ts';
import { button, columns, text, usable } from './parts/elements.ts';
import { age, clip, counted, moment } from './parts/words.ts';
import { kindWords } from './parts/event.ts';
import { fleetColor, fleetHeadline, verdictCounts } from './fleet.ts';

const WAITING = 5;
const KINDS = 10;
/** Points of the chart, and rows of the table that stands in for it. */
const CHART_DAYS = 31;
const TABLE_DAYS = 7;
const drawn = ['fail', 'unknown', 'pass'] as const satisfies readonly Verdict[];

export function digestCard(digest: DigestCard, now: Date): CardMessage {
  const { summary, trend, period, at } = digest;
  const title = `${period === 'day' ? 'Daily' : 'Weekly'} digest: ${fleetHeadline(summary)}`;
  const body: Element[] = [
    ...headElements({ text: title, color: fleetColor(summary) }, [
      `${counted(summary.clusters, 'cluster')} in ${counted(summary.subscriptions, 'subscription')}`,
      moment(at),
    ]),
    verdictCounts(summary, trend[0]?.summary),
    ...(trend.length > 1 ? [trendChart(trend)] : []),
    ...waiting(digest, now),
    ...changes(digest),
    ...(digest.silences > 0
      ? [text(`${counted(digest.silences, 'silence')} in force: type “silences” to see them`, { subtle: true })]
      : []),
  ];
  return card(title, body, [
    button('Fleet status', 'status'),
    ...(digest.unacknowledged.length > 0 ? [button('Alerts', 'alerts')] : []),
    ...(digest.silences > 0 ? [button('Silences', 'silences')] : []),
    ...usable(acknowledgeButtons(digest.unacknowledged)),
  ]);
}

const dayOf = ({ at }: DigestPoint): string => at.slice(0, 10);

function trendChart(trend: readonly DigestPoint[]): Element {
  const points = trend.slice(-CHART_DAYS);
  const seen = drawn.filter((verdict) => points.some(({ summary }) => summary.byVerdict[verdict] > 0));
  return {
    type: 'Chart.Line',
    title: 'Clusters by verdict',
    xAxisTitle: 'Day',
    yAxisTitle: 'Clusters',
    data: seen.map((verdict) => ({
      legend: verdict,
      color: chartColor[verdict],
      values: points.map((point) => ({ x: dayOf(point), y: point.summary.byVerdict[verdict] })),
    })),
    fallback: {
      type: 'Container',
      items: [
        tableRow('Day', (verdict) => verdict, true),
        ...points
          .slice(-TABLE_DAYS)
          .map((point) => tableRow(dayOf(point), (verdict) => String(point.summary.byVerdict[verdict]), false)),
      ],
    },
  };
}

const tableRow = (day: string, cell: (verdict: (typeof drawn)[number]) => string, head: boolean): Element =>
  columns(
    { items: [text(day, { size: 'small', bold: head })], width: '4' },
    ...drawn.map((verdict) => ({
      items: [text(cell(verdict), { size: 'small', bold: head, color: verdictColor[verdict] })],
      width: verdict === 'unknown' ? '4' : '2',
    })),
  );

function waiting({ unacknowledged, more }: DigestCard, now: Date): Element[] {
  if (unacknowledged.length === 0) return [text('No alert is waiting for anyone', { bold: true, color: 'good' })];
  const rest = more + Math.max(0, unacknowledged.length - WAITING);
  return [
    text('Waiting for someone to take care of them', { bold: true, spacing: 'medium' }),
    ...unacknowledged
      .slice(0, WAITING)
      .flatMap((item) => [
        itemLine(item),
        text(clip(`alert ${item.alertId}, for ${age(item.at, now)}`), { size: 'small', subtle: true, spacing: 'none' }),
      ]),
    ...(rest > 0 ? [text(`and ${rest} more: type “alerts” to see them`, { subtle: true })] : []),
  ];
}

function changes({ changes: kinds, period }: DigestCard): Element[] {
  if (kinds.length === 0) return [text(`Nothing changed in the last ${period}`, { subtle: true })];
  return [
    text(`Changes in the last ${period}`, { bold: true, spacing: 'medium' }),
    ...kinds
      .slice(0, KINDS)
      .map(({ kind, count }) =>
        columns(
          { items: [text(clip(kindWords(kind), 60), { size: 'small' })] },
          { items: [text(String(count), { size: 'small', bold: true })], width: 'auto' },
        ),
      ),
    ...(kinds.length > KINDS ? [text(`and ${kinds.length - KINDS} more kinds of change`, { subtle: true })] : []),
  ];
}
