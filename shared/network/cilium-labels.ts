// Labels that Cilium leaves out of identities: its policies, and those of Kubernetes under it, see pods without them.
import type {
  CiliumDirection,
  CiliumPolicy,
  CiliumRule,
  NetworkPolicy,
  PolicyRule,
  Requirement,
  Selector,
} from './objects.ts';

/**
 * Cilium's default label filter, as of the versions that AKS runs (1.16 to 1.18): pkg/labelsfilter/filter.go and
 * Documentation/operations/performance/scalability/identity-relevant-labels.rst. Since 1.15 it leaves out what names one pod of
 * a StatefulSet (cilium/cilium pull request 28003), since 1.16 what names one Job (31964). Versions after 1.18 leave out
 * `topology.kubernetes.io` as well (43725).
 */
const INCLUDED = [
  'io.kubernetes.pod.namespace',
  'io.cilium.k8s.namespace.labels',
  'app.kubernetes.io',
  'io.cilium.k8s.policy.cluster',
];
const LEFT_OUT = [
  /^io\.kubernetes/,
  /^kubernetes\.io/,
  /^statefulset\.kubernetes\.io\/pod-name/,
  /^apps\.kubernetes\.io\/pod-index/,
  /^batch\.kubernetes\.io\/job-completion-index/,
  /^batch\.kubernetes\.io\/controller-uid/,
  /^.*beta\.kubernetes\.io/,
  /^k8s\.io/,
  /^pod-template-generation/,
  /^pod-template-hash/,
  /^controller-revision-hash/,
  /^annotation.*/,
  /^controller-uid/,
  /^etcd_node/,
];

/** Of what includes a key and what leaves it out, the longer match counts. */
function isInIdentity(key: string): boolean {
  const included = Math.max(0, ...INCLUDED.filter((prefix) => key.startsWith(prefix)).map((prefix) => prefix.length));
  const leftOut = LEFT_OUT.flatMap((pattern) => pattern.exec(key)?.[0].length ?? []);
  return leftOut.length === 0 || included > Math.min(...leftOut);
}

const OF_NAMESPACE = 'io.cilium.k8s.namespace.labels.';

/** @param prefix what Cilium puts before the keys: labels of namespaces stand in the identities of their pods */
const seen = (selector: Selector, prefix = ''): Selector =>
  selector.flatMap((requirement): readonly Requirement[] => {
    if (isInIdentity(`${prefix}${requirement.key}`)) return [requirement];
    // For a label that is absent NotIn and DoesNotExist hold, and In and Exists do not.
    const holds = requirement.operator === 'NotIn' || requirement.operator === 'DoesNotExist';
    return holds ? [] : [{ ...requirement, operator: 'In', values: [] }];
  });

interface Pods {
  readonly namespaces?: Selector | string;
  readonly pods: Selector;
}
/** @returns a subject or peer without requirements of labels that Cilium leaves out */
export const seenPods = <T extends Pods>(pods: T): T => ({
  ...pods,
  pods: seen(pods.pods),
  ...(typeof pods.namespaces === 'object' ? { namespaces: seen(pods.namespaces, OF_NAMESPACE) } : {}),
});

/** @returns a policy of Kubernetes as Cilium matches it */
export function asSeenByCilium(policy: NetworkPolicy): NetworkPolicy {
  const rules = (list: readonly PolicyRule[] | undefined): readonly PolicyRule[] | undefined =>
    list?.map((rule) => ({
      ...rule,
      peers: rule.peers?.map((peer) => (peer.kind === 'pods' ? seenPods(peer) : peer)),
    }));
  return { ...policy, selector: seen(policy.selector), ingress: rules(policy.ingress), egress: rules(policy.egress) };
}

/** @returns Cilium's own policy as it matches it */
export function ciliumEnforced(policy: CiliumPolicy): CiliumPolicy {
  const rules = (list: readonly CiliumRule[]): readonly CiliumRule[] =>
    list.map((rule) => ({ ...rule, peers: rule.peers?.map((peer) => (peer.kind === 'pods' ? seenPods(peer) : peer)) }));
  const section = (given: CiliumDirection): CiliumDirection => ({
    ...given,
    allows: rules(given.allows),
    denies: rules(given.denies),
  });
  return {
    ...policy,
    subject: seenPods(policy.subject),
    ingress: section(policy.ingress),
    egress: section(policy.egress),
  };
}
