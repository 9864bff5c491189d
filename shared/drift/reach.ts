// Drift in who reaches whom, told by workload: "payments/db is now reachable from 14 namespaces (was 1)".
import { clusterSubject } from '../model/finding.ts';
import type { Result } from '../model/result.ts';
import type { Severity } from '../model/verdict.ts';
import { severityRank } from '../model/verdict.ts';
import type { ReachChange, ReachSnapshot } from '../network/index.ts';
import { compareReach } from '../network/index.ts';
import type { Change } from './change.ts';

/** More workloads than this changing at once is one change of a policy that many share: the rest is counted. */
const MAX_TOLD = 20;
const MAX_NAMES = 8;

/** @returns nothing when either was never seen, or when another engine makes of the same policies what it makes of them */
export const compareReaches = (previous: Result, current: Result): readonly Change[] =>
  previous.reach && current.reach && previous.engine === current.engine
    ? tellReach(previous.reach, current.reach, current.name)
    : [];

/** @returns what opened or closed for each workload, what opened first; new and removed workloads are not drift of reach */
export function tellReach(before: ReachSnapshot, after: ReachSnapshot, cluster: string): readonly Change[] {
  const changes = compareReach(before, after)
    .map((change) => tell(change, cluster))
    .toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const rest = changes.slice(MAX_TOLD);
  return rest.length === 0 ? changes : [...changes.slice(0, MAX_TOLD), counted(rest, cluster)];
}

/** @param changes worst first; at least one */
const counted = (changes: readonly Change[], cluster: string): Change => ({
  kind: 'reach-changed',
  subject: clusterSubject,
  severity: changes[0]!.severity,
  title: `${changes.length} more changes of who reaches whom in ${cluster}`,
  detail: changes
    .slice(0, MAX_NAMES)
    .map(({ title }) => title)
    .join('; '),
});

function tell({ workload, direction, before, after, gained, lost, internet }: ReachChange, cluster: string): Change {
  const verb = direction === 'ingress' ? 'reachable from' : 'able to reach';
  const name = workload.replace(/\[[^\]]*\]$/, '');
  const places = [
    ...(gained.length + lost.length > 0 ? [`${after} namespace${after === 1 ? '' : 's'} (was ${before})`] : []),
    ...(internet === 'gained' ? ['the internet'] : []),
  ];
  const now = places.length > 0 ? `is now ${verb} ${places.join(' and ')}` : `is no longer ${verb} the internet`;
  const detail = [list('Opened', gained), list('Closed', lost), internetWords[internet]].filter(Boolean).join(' ');
  return {
    kind: 'reach-changed',
    subject: `workload/${workload}`,
    aspect: direction,
    severity: severityOf(gained.length > 0 || internet === 'gained', direction),
    title: `${name} ${now} in ${cluster}`,
    detail,
  };
}

function severityOf(opened: boolean, direction: ReachChange['direction']): Severity {
  if (!opened) return 'info';
  return direction === 'ingress' ? 'medium' : 'low';
}

const internetWords = { same: '', gained: 'The internet was opened.', lost: 'The internet was closed.' } as const;

function list(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - MAX_NAMES;
  return `${word}: ${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
