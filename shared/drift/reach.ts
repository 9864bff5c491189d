// Drift in who reaches whom, told by workload: "payments/db is now reachable from 14 namespaces (was 1)".
import type { Severity } from '../model/verdict.ts';
import type { ReachChange, ReachSnapshot } from '../network/index.ts';
import { compareReach } from '../network/index.ts';

export interface ReachTelling {
  readonly subject: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
}

/** More workloads than this changing at once is one change of a policy that many share: the rest is counted. */
const MAX_TOLD = 20;
const MAX_NAMES = 8;

/** @returns what opened or closed for each workload, what opened first; new and removed workloads are no drift of reach */
export function tellReach(before: ReachSnapshot, after: ReachSnapshot, cluster: string): readonly ReachTelling[] {
  const changes = compareReach(before, after);
  const tellings = changes
    .map((change) => tell(change, cluster))
    .toSorted((a, b) => rank(a.severity) - rank(b.severity));
  if (tellings.length <= MAX_TOLD) return tellings;
  const more = tellings.length - MAX_TOLD;
  return [
    ...tellings.slice(0, MAX_TOLD),
    {
      subject: 'cluster',
      severity: tellings[MAX_TOLD]!.severity,
      title: `${more} more changes of who reaches whom in ${cluster}`,
      detail: tellings
        .slice(MAX_TOLD, MAX_TOLD + MAX_NAMES)
        .map(({ title }) => title)
        .join('; '),
    },
  ];
}

const rank = (severity: Severity): number => ['high', 'medium', 'low', 'info'].indexOf(severity);

function tell(change: ReachChange, cluster: string): ReachTelling {
  const { workload, direction, before, after, gained, lost, internet } = change;
  const verb = direction === 'ingress' ? 'reachable from' : 'able to reach';
  const name = workload.replace(/\[[^\]]*\]$/, '');
  const opened = gained.length > 0 || internet === 'gained';
  const count = `${after} namespace${after === 1 ? '' : 's'}`;
  const parts = [
    ...(gained.length + lost.length > 0 ? [`${count} (was ${before})`] : []),
    ...(internet === 'gained' ? ['the internet'] : []),
  ];
  const title =
    parts.length > 0
      ? `${name} is now ${verb} ${parts.join(' and ')} in ${cluster}`
      : `${name} is no longer ${verb} the internet in ${cluster}`;
  const detail = [
    list('Opened', gained),
    list('Closed', lost),
    internet === 'same' ? '' : internet === 'gained' ? 'The internet was opened.' : 'The internet was closed.',
  ]
    .filter(Boolean)
    .join(' ');
  const severity: Severity = !opened ? 'info' : direction === 'ingress' ? 'medium' : 'low';
  return { subject: `workload/${workload}`, severity, title, detail };
}

function list(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - MAX_NAMES;
  return `${word}: ${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
