// Pods that share their node's address, or open doors on it: what policies say of them is not the whole story.
import { workloadName } from '../network/index.ts';
import type { HostPort, Pod } from '../network/objects.ts';
import { listed } from '../model/listed.ts';
import { editWorkload } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { viewOf } from './evidence/view.ts';

export const hostNetwork: Rule = {
  id: 'host-network',
  title: 'The workload does not use the network of its nodes',
  failing: 'uses the network of its nodes',
  rationale:
    'A pod on its node’s network has the node’s address, so policies that select it do not apply; a host port opens the node’s address to the pod, and no Service shows it.',
  severity: 'medium',
  subject: 'workload',
  plane: 'in-cluster',
  since: 3,
  controls: [
    'Kubescape: C-0041, C-0044',
    'kube-linter: host-network',
    'Polaris: hostNetworkSet, hostPortSet',
    'Checkov: CKV_K8S_19, CKV_K8S_26',
  ],
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods',
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  ],
  *evaluate(snapshot) {
    const { objects, judged } = viewOf(snapshot);
    const running = objects.pods.filter((pod) => judged(pod.namespace) && !pod.finished && pod.replicas > 0);
    for (const [name, pods] of Map.groupBy(running, nameOf)) {
      const it = about(`workload/${name}`);
      const what = [...onHost(pods), ...hostPorts(pods)];
      if (what.length === 0) yield it.pass('Its pods have addresses of their own and open none of their node’s ports.');
      else yield it.fail(what.join(' '), remedy(pods[0]!));
    }
  },
};

const nameOf = ({ namespace, owner }: Pod): string => workloadName({ namespace, ...owner });

const count = (pods: readonly Pod[]): number => pods.reduce((sum, { replicas }) => sum + replicas, 0);

function onHost(pods: readonly Pod[]): readonly string[] {
  const [some, all] = [count(pods.filter((pod) => pod.hostNetwork)), count(pods)];
  if (some === 0) return [];
  const whose = some < all ? `${some} of its ${all} pods ${some === 1 ? 'uses' : 'use'}` : 'Its pods use';
  return [`${whose} the network of their node, which no policy covers.`];
}

/** Pods on their node's network have a host port for each of their ports anyway (Kubernetes, pkg/apis/core/v1: defaults). */
function hostPorts(pods: readonly Pod[]): readonly string[] {
  const ports = pods.filter((pod) => !pod.hostNetwork).flatMap((pod) => pod.hostPorts ?? []);
  const named = [...new Set(ports.map(({ protocol, port }: HostPort) => `${protocol} ${port}`))];
  return named.length === 0 ? [] : [`It opens ${listed(named)} on the address of its node.`];
}

const remedy = ({ namespace, owner }: Pod): string =>
  editWorkload({ namespace, ...owner }, 'Remove hostNetwork and every hostPort from the pod template');
