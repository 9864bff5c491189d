// The fleet at a glance: one headline, a chart of verdicts, and the clusters that need somebody.
import type { Fleet } from '../../model/fleet.ts';
import type { CardMessage } from '../../ports.ts';
import { verdicts } from '../../model/verdict.ts';
import type { Element } from './elements.ts';
import { age, button, card, columns, text, verdictColor } from './elements.ts';

const WORST = 10;
const MISSING = 5;
const CHART_COLORS = {
  fail: 'attention',
  unknown: 'warning',
  exempt: 'categoricalBlue',
  pass: 'good',
  notApplicable: 'neutral',
} as const;

/** @param overdue the dead-man's sentence, when scans have stopped */
export function fleetCard(fleet: Fleet, now: Date, overdue?: string): CardMessage {
  const { summary } = fleet;
  const headline = headlineOf(fleet);
  const counted = verdicts.filter((verdict) => summary.byVerdict[verdict] > 0);
  const needing = fleet.clusters.filter((cluster) => cluster.verdict !== 'pass').slice(0, WORST);
  const body: Element[] = [
    ...(overdue === undefined ? [] : [text(overdue, { bold: true, color: 'attention' })]),
    text(headline, { size: 'large', bold: true, color: verdictColor[counted[0] ?? 'pass'] }),
    text(`Scan of ${age(fleet.at, now)} ago, ${fleet.outcome}`, { size: 'small', subtle: true, spacing: 'none' }),
    {
      type: 'Chart.Donut',
      title: 'Clusters by verdict',
      data: counted.map((verdict) => ({
        legend: verdict,
        value: summary.byVerdict[verdict],
        color: CHART_COLORS[verdict],
      })),
      fallback: columns(
        ...counted.map((verdict) => ({
          items: [
            text(String(summary.byVerdict[verdict]), { size: 'extraLarge', bold: true, color: verdictColor[verdict] }),
            text(verdict, { size: 'small', spacing: 'none' }),
          ],
        })),
      ),
    },
    ...needing.map((cluster) =>
      columns(
        {
          items: [
            text(cluster.name, { bold: true }),
            text(whyOf(cluster), { size: 'small', subtle: true, spacing: 'none' }),
          ],
        },
        { items: [text(cluster.verdict, { bold: true, color: verdictColor[cluster.verdict] })], width: 'auto' },
      ),
    ),
  ];
  const rest = fleet.clusters.filter((cluster) => cluster.verdict !== 'pass').length - needing.length;
  if (rest > 0) body.push(text(`and ${rest} more clusters that do not pass`, { subtle: true }));
  if (fleet.missing.length > 0) body.push(missingBlock(fleet.missing));
  return card(
    headline,
    body,
    needing.slice(0, 4).map((cluster) => button(cluster.name, `status ${cluster.name}`)),
  );
}

function missingBlock(missing: readonly string[]): Element {
  const more = missing.length - MISSING;
  return {
    type: 'Container',
    style: 'warning',
    separator: true,
    items: [
      text('This scan is partial', { bold: true }),
      ...missing.slice(0, MISSING).map((sentence) => text(sentence, { size: 'small', spacing: 'small' })),
      ...(more > 0 ? [text(`and ${more} more`, { size: 'small' })] : []),
    ],
  };
}

function headlineOf({ summary }: Fleet): string {
  const { fail, unknown, pass } = summary.byVerdict;
  const rest = unknown > 0 ? `, ${unknown} unknown` : '';
  if (fail > 0) return `${fail} of ${summary.clusters} clusters fail${rest}`;
  if (unknown > 0) return `No cluster fails, ${unknown} of ${summary.clusters} are unknown`;
  return summary.clusters === 0 ? 'No clusters were found' : `All ${pass} clusters pass`;
}

const whyOf = (cluster: Fleet['clusters'][number]): string =>
  cluster.unreadable
    ? `${cluster.unreadable.reason}: ${cluster.unreadable.message}`
    : cluster.failing.join(', ') || cluster.unknownReasons.join(', ');
