// Why an answer may depend on policies that could not be read or understood.
import type { InClusterRead } from '../../model/in-cluster.ts';
import type { Engine, UnknownReason } from '../../model/verdict.ts';
import type { Connectivity, Governed, Workload } from '../../network/index.ts';
import { knowsGroup, mayGovern } from '../../network/index.ts';
import type { Direction, Labels } from '../../network/objects.ts';
import { refName } from '../../network/objects.ts';
import { podsOf } from './workload.ts';

export interface Doubt {
  readonly reason: UnknownReason;
  readonly message: string;
}

/**
 * Why policies that are not among those weighed may decide about a namespace: an answer that may depend on them is unknown.
 * With labels only those count that may govern a pod with these labels, with a direction only those that govern it.
 */
export type DoubtOf = (namespace: string, labels?: Labels, direction?: Direction) => Doubt | undefined;

/** Kinds beside NetworkPolicy that each engine enforces, by a part of their resource's name. */
const OWN_KINDS: Readonly<Record<Engine, readonly string[]>> = {
  cilium: ['cilium'],
  calico: ['calico', 'policy.networking'],
  azure: [],
  none: [],
  unrecognised: ['cilium', 'calico', 'policy.networking'],
};

/** @returns undefined when everything that may govern those pods was weighed */
export function findDoubt(
  engine: Engine,
  { forbiddenKinds, objects }: InClusterRead,
  governed: Governed,
): Doubt | undefined {
  const own = OWN_KINDS[engine];
  const hidden = forbiddenKinds.filter(
    (kind) => kind.startsWith('networkpolicies.networking') || own.some((part) => kind.includes(part)),
  );
  if (hidden.length > 0)
    return {
      reason: 'crd-forbidden',
      message: `The answer may depend on ${hidden.join(', ')}, which Bulkhead is not allowed to list.`,
    };
  const strange = objects.problems.find(
    (problem) => (engine === 'unrecognised' || knowsGroup(engine, problem.ref.group)) && mayGovern(problem, governed),
  );
  if (!strange) return undefined;
  return {
    reason: 'error',
    message: `The answer may depend on ${refName(strange.ref)}, which this version of Bulkhead cannot judge.`,
  };
}

/** @returns why an answer about the workload in this direction may depend on what could not be read or understood */
export function doubtAbout(
  { net, doubt }: { readonly net: Connectivity; readonly doubt: DoubtOf },
  workload: Workload,
  direction: Direction,
): Doubt | undefined {
  const { namespace } = workload;
  if (!doubt(namespace, undefined, direction)) return undefined;
  for (const { labels } of podsOf(net, workload)) {
    const found = doubt(namespace, labels, direction);
    if (found) return found;
  }
  return undefined;
}
