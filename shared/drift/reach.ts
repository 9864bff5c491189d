// Drift in who reaches whom, told once for each thing that changed: "payments/db in shop is reachable from 14 namespaces (was 1); by ...".
import { clusterSubject } from '../model/finding.ts';
import { listed } from '../model/listed.ts';
import type { Result } from '../model/result.ts';
import type { Severity } from '../model/verdict.ts';
import { severityRank } from '../model/verdict.ts';
import type { ReachChange, ReachSnapshot, ReachStory } from '../network/index.ts';
import { reachStories } from '../network/index.ts';
import type { Change } from './change.ts';
import { causeOf, count, objectOf, reachOf, workloadName } from './reach-words.ts';

/** More things than this changing at once is a change of the whole cluster: the rest is counted. */
const MAX_TOLD = 20;
const MAX_NAMES = 8;

/** @returns nothing when either was never seen, or when another engine makes of the same policies what it makes of them */
export const compareReaches = (previous: Result, current: Result): readonly Change[] =>
  previous.reach && current.reach && previous.engine === current.engine
    ? tellReach(previous.reach, current.reach, current.name)
    : [];

/** @returns what opened or closed, once for each thing that changed, the worst first; new and removed workloads are not drift of reach */
export function tellReach(before: ReachSnapshot, after: ReachSnapshot, cluster: string): readonly Change[] {
  const changes = reachStories(before, after)
    .map((story) => tell(story, cluster))
    .toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const rest = changes.slice(MAX_TOLD);
  return rest.length === 0 ? changes : [...changes.slice(0, MAX_TOLD), counted(rest, cluster)];
}

/** @param changes worst first; at least one */
const counted = (changes: readonly Change[], cluster: string): Change => ({
  kind: 'reach-changed',
  subject: clusterSubject,
  severity: changes[0]!.severity,
  title: `Who reaches whom in ${cluster} changed in ${changes.length} more places`,
  detail: changes
    .slice(0, MAX_NAMES)
    .map(({ title }) => title)
    .join('. '),
});

function tell(story: ReachStory, cluster: string): Change {
  const { key, cause, others } = story;
  const weighed = story.changes.map((change) => ({ change, severity: severityOf(change, cause.kind) }));
  const [lead, ...rest] = weighed.toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const { workload } = lead!.change;
  const alike = rest.filter(({ change }) => change.workload === workload);
  const elsewhere = new Set(story.changes.map((change) => change.workload)).size - 1;
  const mostNames = rest.length > 0 ? 0 : MAX_TITLE_NAMES;
  const what = [lead!, ...alike].map(({ change }) => reachOf(change, mostNames)).join(', and ');
  const more = elsewhere > 0 ? `, and ${count(elsewhere, 'more workload')} changed` : '';
  return {
    kind: 'reach-changed',
    subject: objectOf(story),
    aspect: key,
    severity: lead!.severity,
    title: `${workloadName(workload)} in ${cluster} ${what}${more}${causeOf(cause, workload)}`,
    detail: [...detailOf([lead!, ...rest].map(({ change }) => change)), ...otherEnd(others)].join(' '),
  };
}

/** A headline is read on the screen of a phone. */
const MAX_TITLE_NAMES = 4;

/** @param changes worst first; at least one. One alone is told in the headline: here are its names, as far as they go. */
function detailOf(changes: readonly ReachChange[]): readonly string[] {
  const { gained, lost, internet } = changes[0]!;
  if (changes.length === 1)
    return [list('Opened', gained), list('Closed', lost), internetWords[internet]].filter(Boolean);
  const more = changes.length - MAX_NAMES;
  const told = changes
    .slice(0, MAX_NAMES)
    .map((change) => `${workloadName(change.workload)} ${reachOf(change, MAX_NAMES)}.`);
  return more > 0 ? [...told, `${count(more, 'more change')} like these.`] : told;
}

const list = (word: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `${word}: ${listed(names, MAX_NAMES)}.`;

const internetWords = { same: '', gained: 'The internet was opened.', lost: 'The internet was closed.' } as const;

const otherEnd = (others: number): readonly string[] =>
  others === 0 ? [] : [`${count(others, 'workload')} at the other end changed with it.`];

/** Where no policy and no label changed, what runs now uses what was allowed before. */
function severityOf({ gained, internet, direction, ports }: ReachChange, cause: ReachStory['cause']['kind']): Severity {
  const opensPorts = ports?.pods?.opens === true || ports?.internet?.opens === true;
  const opened = gained.length > 0 || internet === 'gained' || opensPorts;
  if (!opened || cause === 'workloads') return 'info';
  return direction === 'ingress' && cause !== 'new' ? 'medium' : 'low';
}
