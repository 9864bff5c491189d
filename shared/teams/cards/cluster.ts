// One cluster: its verdict, what fails and how to mend it, page by page.
import type { FleetCluster } from '../../model/fleet.ts';
import type { Finding } from '../../model/finding.ts';
import type { Result } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { severityColor, verdictColor } from './parts/colors.ts';
import { button, code, columns, text } from './parts/elements.ts';
import { age, counted } from './parts/words.ts';
import { pageOf } from './parts/pages.ts';

const PER_PAGE = 6;

/** @param page counted from 1 */
export function clusterCard(cluster: FleetCluster, result: Result, now: Date, page = 1): CardMessage {
  const telling = result.findings.filter(
    (finding) => finding.verdict !== 'pass' && finding.verdict !== 'notApplicable',
  );
  const { items: shown, number: current, of: pages } = pageOf(telling, PER_PAGE, page);
  const headline = `${cluster.name}: ${cluster.verdict}`;
  const passed = cluster.counts.pass;
  const body: Element[] = [
    text(headline, { size: 'large', bold: true, color: verdictColor[cluster.verdict] }),
    text(
      `Engine ${cluster.engine}, plugin ${cluster.plugin || 'not set'}, Kubernetes ${cluster.kubernetesVersion || 'unknown'}, ${cluster.location}; ${cluster.verdict} for ${age(cluster.since, now)}`,
      { size: 'small', subtle: true, spacing: 'none' },
    ),
    ...(cluster.unreadable ? [text(cluster.unreadable.message, { color: 'warning' })] : []),
    ...shown.map(findingBlock),
    text(
      `${counted(telling.length, 'finding')} to look at, ${passed} passed${pages > 1 ? `; page ${current} of ${pages}` : ''}`,
      {
        size: 'small',
        subtle: true,
      },
    ),
  ];
  return card(headline, body, [
    ...(current < pages ? [button('More findings', `status ${cluster.key} ${current + 1}`)] : []),
    button('Fleet status', 'status'),
  ]);
}

function findingBlock(finding: Finding): Element {
  const verdict = finding.verdict === 'unknown' ? `unknown (${finding.reason})` : finding.verdict;
  return {
    type: 'Container',
    separator: true,
    items: [
      columns(
        {
          items: [
            text(finding.subject === 'cluster' ? finding.rule : `${finding.rule} · ${finding.subject}`, { bold: true }),
          ],
        },
        {
          items: [text(`${finding.severity} ${verdict}`, { size: 'small', color: severityColor[finding.severity] })],
          width: 'auto',
        },
      ),
      text(finding.message, { spacing: 'small' }),
      ...(finding.remediation === undefined ? [] : [code(finding.remediation)]),
    ],
  };
}
