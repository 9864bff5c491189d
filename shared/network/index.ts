// What network policies mean. Parse objects, compile them under an engine, ask who can reach whom.
//
// parseObjects(raws)          raw Kubernetes objects -> ClusterObjects, with a problem for each that cannot be understood
// compile(objects, profile)   -> Connectivity: classes of pods, and what each may send and receive
// workloadsOf / betweenWorkloads / addressReach / exposureOf / connectionsOf   questions about it
// diff(before, after)         -> what opened, closed or changed
// explainReach(net, source, destination)   -> which policy and rule allows or denies
//
// The objects themselves are in objects.ts; addresses, sets of ports and selectors have tools in ip.ts, port-sets.ts and selectors.ts.
export { admitsEveryone, admittedBy, closed } from './alone.ts';
export { closedByDefault, restrictingByDefault } from './by-default.ts';
export type { PodClass } from './classes.ts';
export { compile } from './compile.ts';
export type { Connectivity } from './compile.ts';
export { diff, formatDifference } from './diff.ts';
export { mayGovern } from './doubt.ts';
export type { Governed } from './doubt.ts';
export { enforced, ipBlocksCoverPods, knowsGroup, specification, systemsIn, windowsConstruct } from './engines.ts';
export type { EngineProfile, Inert } from './engines.ts';
export { explainReach, findWorkload } from './explain-reach.ts';
export { exposureOf } from './exposure.ts';
export type { Exposure } from './exposure.ts';
export type { AnyPolicy } from './governing.ts';
export { connectionsOf, formatConnection } from './lines.ts';
export type { Connection } from './lines.ts';
export { parseObjects } from './parse/parse.ts';
export { parseReference } from './parse/references.ts';
export { INTERNAL_LOAD_BALANCER } from './parse/surroundings.ts';
export { compareReach, isPortsAlone } from './reach-change.ts';
export type { ReachChange } from './reach-change.ts';
export { portWords } from './reach-ports.ts';
export { readReach, toReachSnapshot } from './reach-snapshot.ts';
export type { ReachSnapshot, WorkloadReach } from './reach-snapshot.ts';
export { reachStories } from './reach-story.ts';
export type { ReachCause, ReachStory } from './reach-story.ts';
export {
  addressReach,
  between,
  betweenWorkloads,
  dependsOnRunTime,
  withAtom,
  workloadName,
  workloadsOf,
} from './reach.ts';
export type { Workload } from './reach.ts';
export { restrictedBy, restricting } from './restricting.ts';
export { sharedPriorities } from './shared-priorities.ts';
export { podOf, suppose } from './suppose.ts';
export type { SupposedPod } from './suppose.ts';
export { TooInvolved } from './too-involved.ts';
export { tryPolicy } from './trial.ts';
