// Two results of one cluster in, the changes worth telling out.
import type { DriftEvent, Result } from '../model/result.ts';
import type { Severity } from '../model/verdict.ts';
import { severities } from '../model/verdict.ts';
import type { Change } from './change.ts';
import { compareEngine } from './engine.ts';
import { compareFindings } from './findings.ts';
import { compareReaches } from './reach.ts';
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

function toEvent({ remediation, ...change }: Change, current: Result, { scanId, at }: DriftContext): DriftEvent {
  const { clusterId, name, subscriptionId, resourceGroup, tags } = current;
  return {
    id: [scanId, clusterId, change.kind, change.rule ?? '', change.subject ?? ''].join('|'),
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

function appeared({ name, verdict, findings }: Result): Change {
  const failing = findings.filter((finding) => finding.verdict === 'fail');
  const worst: Severity = severities.find((one) => failing.some(({ severity }) => severity === one)) ?? 'info';
  const rules = [...new Set(failing.map(({ rule }) => rule))];
  return {
    kind: 'cluster-appeared',
    severity: worst,
    title: `${name} is new in the estate`,
    detail: rules.length === 0 ? `Its verdict is ${verdict}.` : `It fails ${rules.join(', ')}.`,
  };
}
