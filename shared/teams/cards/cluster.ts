// One cluster: its verdict, what fails and how to mend it, page by page.
import type { FleetCluster } from '../../model/fleet.ts';
import type { Finding } from '../../model/finding.ts';
import { clusterSubject } from '../../model/finding.ts';
import type { Result } from '../../model/result.ts';
import type { CardMessage } from '../../ports.ts';
import type { RuleText } from '../bot-services.ts';
import { warning } from './parts/card.ts';
import type { Element } from './parts/elements.ts';
import { severityColor, verdictColor } from './parts/colors.ts';
import { button, code, columns, text } from './parts/elements.ts';
import { pagedCard } from './parts/paged.ts';
import { missingEngine, needsEngine } from './parts/remedies.ts';
import { age, clip, counted } from './parts/words.ts';

const PER_PAGE = 6;
const MAX_LINE_CHARS = 300;

/** @param rules what rules say about themselves @param page counted from 1 */
export function clusterCard(
  cluster: FleetCluster,
  result: Result,
  rules: readonly RuleText[],
  now: Date,
  page = 1,
): CardMessage {
  const { name, verdict, plugin, kubernetesVersion, location, since, unreadable, counts, key } = cluster;
  const headline = clip(`${name}: ${verdict}`, MAX_LINE_CHARS);
  const telling = result.findings.filter((one) => one.verdict !== 'pass' && one.verdict !== 'notApplicable');
  const engine = missingEngine(telling, rules);
  const idle = new Set(engine && telling.filter((one) => one.remediation !== undefined && needsEngine(one, rules)));
  const facts = `Engine ${cluster.engine}, plugin ${plugin || 'not set'}, Kubernetes ${kubernetesVersion || 'unknown'}, ${location}; ${verdict} for ${age(since, now)}`;
  return pagedCard(
    {
      headline,
      head: [
        text(headline, { size: 'large', bold: true, color: verdictColor[verdict] }),
        text(clip(facts, MAX_LINE_CHARS), { size: 'small', subtle: true, spacing: 'none' }),
        ...(unreadable ? [text(clip(unreadable.message, MAX_LINE_CHARS), { color: 'warning' })] : []),
        ...(idle.size > 0 ? [engineFirst(idle.size)] : []),
      ],
      all: engine ? [engine, ...telling.filter((one) => one !== engine)] : telling,
      perPage: PER_PAGE,
      block: (finding) => findingBlock(finding, idle.has(finding) ? [] : remedyOf(finding)),
      brief: (finding) => findingBlock(finding, idle.has(finding) ? [] : [text(askWhy(cluster, finding))]),
      note: `${counted(telling.length, 'finding')} to look at, ${counts.pass} passed`,
      more: { title: 'More findings', command: `status ${key}` },
      buttons: () => [button('Fleet status', 'status')],
    },
    page,
  );
}

const engineFirst = (remedies: number): Element =>
  warning(
    'No engine is on, so nothing enforces a policy: switch one on first',
    `Until then, ${counted(remedies, 'more remedy', 'more remedies')} would change nothing and ${remedies === 1 ? 'is' : 'are'} not shown.`,
  );

const askWhy = ({ name }: FleetCluster, { rule, subject }: Finding): string =>
  clip(`What would mend it is too long for this card: type “why ${name} ${rule} ${subject}”`, MAX_LINE_CHARS);

const remedyOf = ({ remediation }: Finding): readonly Element[] =>
  remediation === undefined ? [] : [code(remediation)];

function findingBlock(
  { rule, subject, verdict, reason, severity, message }: Finding,
  remedy: readonly Element[],
): Element {
  const words = verdict === 'unknown' ? `unknown (${reason})` : verdict;
  const title = subject === clusterSubject ? rule : `${rule} · ${subject}`;
  return {
    type: 'Container',
    separator: true,
    items: [
      columns(
        { items: [text(clip(title, MAX_LINE_CHARS), { bold: true })] },
        { items: [text(`${severity} ${words}`, { size: 'small', color: severityColor[severity] })], width: 'auto' },
      ),
      text(message, { spacing: 'small' }),
      ...remedy,
    ],
  };
}
