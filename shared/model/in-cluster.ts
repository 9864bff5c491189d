// What was read inside a cluster, or the reason why nothing was.
import type { ClusterObjects } from '../network/objects.ts';
import type { UnknownReason } from './verdict.ts';

export interface InClusterRead {
  readonly status: 'read';
  /** Read from files: what only a live cluster has (running DaemonSets, system pods) is not there to be judged. */
  readonly fromManifests?: boolean;
  /** The engine was inferred from the kinds of objects in the files, or is not known: no verdict and no remedy may rest on it alone. */
  readonly engineAssumed?: boolean;
  readonly objects: ClusterObjects;
  /** Policy kinds (`ciliumnetworkpolicies.cilium.io`, ...) that the identity may not list. */
  readonly forbiddenKinds: readonly string[];
  /** Kinds that only add detail (`rolebindings.rbac.authorization.k8s.io`, ...) and were not read: what they would add is not known. */
  readonly unreadHints?: readonly string[];
}

export interface InClusterUnknown {
  readonly status: 'unknown';
  readonly reason: UnknownReason;
  readonly message: string;
  /** What to grant or connect, as commands where there are any. */
  readonly remedy: string;
}

export type InCluster = InClusterRead | InClusterUnknown;
