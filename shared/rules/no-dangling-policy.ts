// A selector that matches nothing is a typo, or a leftover of something that is gone.
import type { ClusterObjects, NetworkPolicy, Selector } from '../network/objects.ts';
import { formatSelector, indexLabels, selectorKey } from '../network/selectors.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { DNS_NAMESPACE, withDns } from './evidence/dns.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const noDanglingPolicy: Rule = {
  id: 'no-dangling-policy',
  title: 'Every selector of the policy matches something',
  failing: 'has a selector that matches nothing',
  rationale:
    'A policy whose selector matches no pod protects nothing, and a peer that matches nothing allows nothing: both are usually mistakes.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  controls: [
    'Kubescape: C-0299',
    'kube-score: networkpolicy-targets-pod',
    'kube-linter: dangling-networkpolicy, dangling-networkpolicypeer-podselector',
  ],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const { policies, objects, read } = viewOf(snapshot);
    const finds = finder(withDns(objects), read.fromManifests ? snapshot.excludedNamespaces : []);
    for (const policy of policies) {
      const dangling = findDangling(policy, finds);
      const it = about(policySubject(policy));
      if (dangling.length === 0) yield it.pass('Its selectors match pods.');
      else
        yield it.fail(
          dangling.join(' '),
          editPolicy(policy, 'Correct the selector, or delete the policy if what it selected is gone.'),
        );
    }
  },
};

type Finds = (namespaces: Selector | string, pods: Selector) => boolean;

/**
 * Asks all pods, not only those that an engine governs: a policy may be idle, or select what runs on the host's network.
 * @param unread namespaces that every cluster has and no folder of manifests: a selector that names one is taken to match
 */
function finder({ pods, namespaces }: ClusterObjects, unread: readonly string[]): Finds {
  const podIndex = indexLabels(pods.map(({ labels }) => labels));
  const namespaceIndex = indexLabels(namespaces.map(({ labels }) => labels));
  const holders = new Map<string, ReadonlySet<string>>();
  /** The namespaces of the pods that a selector finds. */
  const holding = (selector: Selector): ReadonlySet<string> => {
    const key = selectorKey(selector);
    const found = holders.get(key) ?? new Set(podIndex.find(selector).map((index) => pods[index]!.namespace));
    holders.set(key, found);
    return found;
  };
  const populated = new Set(pods.map(({ namespace }) => namespace));
  const unseen = new Set(unread.filter((name) => name !== DNS_NAMESPACE && !populated.has(name)));
  return (where, selector) => {
    if (typeof where === 'string') return selector.length === 0 ? populated.has(where) : holding(selector).has(where);
    if (where.some(({ key, values }) => key === NAME_LABEL && values.some((value) => unseen.has(value)))) return true;
    const names = namespaceIndex.find(where).map((index) => namespaces[index]!.name);
    return selector.length === 0 ? names.length > 0 : names.some((name) => holding(selector).has(name));
  };
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

function findDangling(policy: NetworkPolicy, finds: Finds): string[] {
  const found: string[] = [];
  if (policy.selector.length > 0 && !finds(policy.namespace, policy.selector))
    found.push(`Its podSelector (${formatSelector(policy.selector)}) matches no pod.`);
  for (const direction of ['ingress', 'egress'] as const)
    for (const rule of policy[direction] ?? [])
      for (const peer of rule.peers ?? []) {
        // A peer for every pod of its own namespace is not a mistake while the namespace is empty.
        if (peer.kind === 'ip' || (peer.namespaces === undefined && peer.pods.length === 0)) continue;
        if (finds(peer.namespaces ?? policy.namespace, peer.pods)) continue;
        const where =
          peer.namespaces === undefined ? 'this namespace' : `namespaces with ${formatSelector(peer.namespaces)}`;
        found.push(`A peer for ${direction} (${formatSelector(peer.pods)} in ${where}) matches nothing.`);
      }
  return [...new Set(found)];
}
