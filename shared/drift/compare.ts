// Two results of one cluster in, the changes worth telling out.
import type { DriftEvent, Result } from '../model/result.ts';
import { keptTags } from '../model/tags.ts';
import type { Change } from './change.ts';
import { compareEngine } from './engine.ts';
import { compareFindings, failuresOf } from './findings.ts';
import { compareReaches } from './reach.ts';
import { failingOf } from './standing.ts';
import { compareVisibility } from './visibility.ts';

export interface DriftContext {
  readonly scanId: string;
  /** RFC 3339. */
  readonly at: string;
  /** The cluster belongs to the first sight of its subscription: what is there is a baseline, not news. */
  readonly baseline: boolean;
}

/**
 * @param previous the result stored before; undefined at first sight
 * @param current the result to store, after carryForward
 * @returns drift events in a fixed order; each id is the same whenever the same change is computed
 */
export const compareResults = (
  previous: Result | undefined,
  current: Result,
  context: DriftContext,
): readonly DriftEvent[] =>
  changesOf(previous, current, context.baseline).map((change) => toEvent(change, current, context));

/** @returns every failure that stands after a result, as the event that would tell it now */
export const eventsOfFailures = (current: Result, stamp: Pick<DriftContext, 'scanId' | 'at'>): readonly DriftEvent[] =>
  failuresOf(current).map((change) => toEvent(change, current, stamp));

function changesOf(previous: Result | undefined, current: Result, baseline: boolean): readonly Change[] {
  if (current.gone) return previous && !previous.gone ? [gone(current)] : [];
  if (!previous || previous.gone) return baseline ? [] : [appeared(current)];
  const visibility = compareVisibility(previous, current);
  if (current.midOperation) return visibility;
  return [
    ...compareEngine(previous, current),
    ...compareReaches(previous, current),
    ...compareFindings(previous, current),
    ...visibility,
  ];
}

function toEvent(
  { remediation, aspect, ...change }: Change,
  current: Result,
  { scanId, at }: Pick<DriftContext, 'scanId' | 'at'>,
): DriftEvent {
  const { clusterId, name, subscriptionId, resourceGroup } = current;
  const { tags } = keptTags(current.tags);
  return {
    id: [scanId, clusterId, change.kind, change.rule ?? aspect ?? '', change.subject ?? ''].join('|'),
    scanId,
    at,
    subscriptionId,
    clusterId,
    clusterName: name,
    resourceGroup,
    tags,
    ...change,
    ...(remediation === undefined ? {} : { remediation }),
  };
}

const gone = ({ name }: Result): Change => ({
  kind: 'cluster-gone',
  severity: 'medium',
  title: `${name} no longer exists`,
  detail: 'Azure answers 404 for it.',
});

function appeared(current: Result): Change {
  const { severity, sentence } = failingOf(current);
  return {
    kind: 'cluster-appeared',
    severity,
    title: `${current.name} is new in the estate`,
    detail: sentence || `Its verdict is ${current.verdict}.`,
  };
}
