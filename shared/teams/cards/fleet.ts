// The fleet at a glance: one headline, a chart of verdicts, and the clusters that need attention.
import type { Fleet, FleetCluster, FleetSummary } from '../../model/fleet.ts';
import type { Missing } from '../../model/missing.ts';
import { missingLines } from '../../model/missing.ts';
import type { CardMessage } from '../../ports.ts';
import type { Verdict } from '../../model/verdict.ts';
import { verdicts } from '../../model/verdict.ts';
import type { Color } from './parts/colors.ts';
import type { Element } from './parts/elements.ts';
import { chartColor, verdictColor } from './parts/colors.ts';
import { button, columns, text } from './parts/elements.ts';
import { pagedCard } from './parts/paged.ts';
import { age, clip, counted } from './parts/words.ts';

const PER_PAGE = 10;
const MISSING = 5;
const MAX_WHY_CHARS = 300;

/** @param page counted from 1 */
export function fleetCard(fleet: Fleet, now: Date, page = 1): CardMessage {
  const { summary } = fleet;
  const headline = fleetHeadline(summary);
  const seen = seenVerdicts(summary);
  const head: Element[] = [
    text(headline, { size: 'large', bold: true, color: fleetColor(summary) }),
    text(`Scan of ${age(fleet.at, now)} ago, ${fleet.outcome}`, { size: 'small', subtle: true, spacing: 'none' }),
    ...(seen.length > 0 ? [verdictChart(summary, seen)] : []),
  ];
  const needing = fleet.clusters.filter(({ verdict }) => verdict !== 'pass');
  return pagedCard(
    {
      headline,
      head,
      all: needing,
      perPage: PER_PAGE,
      block: clusterRow,
      tail: fleet.missing.length > 0 ? [missingBlock(fleet)] : [],
      ...(needing.length > PER_PAGE ? { note: `${needing.length} clusters do not pass` } : {}),
      more: { title: 'More clusters', command: 'status' },
      buttons: (shown) => shown.slice(0, 4).map(({ name, key }) => button(name, `status ${key}`)),
    },
    page,
  );
}

const verdictChart = (summary: FleetSummary, seen: readonly Verdict[]): Element => ({
  type: 'Chart.Donut',
  title: 'Clusters by verdict',
  data: seen.map((verdict) => ({ legend: verdict, value: summary.byVerdict[verdict], color: chartColor[verdict] })),
  fallback: verdictCounts(summary),
});

const clusterRow = (cluster: FleetCluster): Element =>
  columns(
    {
      items: [
        text(clip(cluster.name, MAX_WHY_CHARS), { bold: true }),
        text(clip(whyOf(cluster), MAX_WHY_CHARS), { size: 'small', subtle: true, spacing: 'none' }),
      ],
    },
    { items: [text(cluster.verdict, { bold: true, color: verdictColor[cluster.verdict] })], width: 'auto' },
  );

function missingBlock(fleet: Missing): Element {
  return {
    type: 'Container',
    style: 'warning',
    separator: true,
    items: [
      text('This scan is partial', { bold: true }),
      ...missingLines(fleet, MISSING).map((line) =>
        text(clip(line, MAX_WHY_CHARS), { size: 'small', spacing: 'small' }),
      ),
    ],
  };
}

const seenVerdicts = ({ byVerdict }: FleetSummary): readonly Verdict[] =>
  verdicts.filter((verdict) => byVerdict[verdict] > 0);

export const fleetColor = (summary: FleetSummary): Color => verdictColor[seenVerdicts(summary)[0] ?? 'pass'];

/** Large numbers side by side. @param before what it was at the beginning of a period, to say by how much it changed */
export const verdictCounts = (summary: FleetSummary, before?: FleetSummary): Element =>
  columns(
    ...seenVerdicts(summary).map((verdict) => ({
      items: [
        text(String(summary.byVerdict[verdict]), { size: 'extraLarge', bold: true, color: verdictColor[verdict] }),
        text(before ? `${verdict} (${change(summary, before, verdict)})` : verdict, { size: 'small', spacing: 'none' }),
      ],
    })),
  );

function change(now: FleetSummary, before: FleetSummary, verdict: Verdict): string {
  const more = now.byVerdict[verdict] - before.byVerdict[verdict];
  return more === 0 ? 'as before' : `${more > 0 ? '+' : '−'}${Math.abs(more)}`;
}

/** One sentence about the whole fleet. */
export function fleetHeadline({ clusters, byVerdict }: FleetSummary): string {
  const { fail, unknown, exempt, pass } = byVerdict;
  if (clusters === 0) return 'No clusters were found';
  if (fail > 0) {
    const rest = unknown > 0 ? `, ${unknown} unknown` : '';
    return `${fail} of ${counted(clusters, 'cluster')} ${fail === 1 ? 'fails' : 'fail'}${rest}`;
  }
  const none = (count: number, verdict: Verdict): string =>
    `No cluster fails, ${count} of ${clusters} ${count === 1 ? 'is' : 'are'} ${verdict}`;
  if (unknown > 0) return none(unknown, 'unknown');
  if (exempt > 0) return none(exempt, 'exempt');
  if (pass < clusters) return 'No cluster fails';
  return pass === 1 ? 'The only cluster passes' : `All ${pass} clusters pass`;
}

const whyOf = (cluster: FleetCluster): string =>
  cluster.unreadable
    ? `${cluster.unreadable.reason}: ${cluster.unreadable.message}`
    : cluster.failing.join(', ') || cluster.unknownReasons.join(', ');
