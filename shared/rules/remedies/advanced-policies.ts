// How to get Cilium policies about domain names and requests enforced.
import type { Cluster } from '../../model/cluster.ts';
import { azAks, shellComment } from '../../model/shell.ts';
import type { Lack } from '../evidence/advanced-policies.ts';
import { isClusterWide, isGiven, isTooOld, needOf } from '../evidence/advanced-policies.ts';
import { editPolicy } from './manifests.ts';

/** @returns what makes Cilium enforce these policies, in the order to do it */
export function cureLacks(lacks: readonly Lack[], cluster: Cluster): string {
  const policies = lacks.map(({ policy }) => policy);
  const misplaced = policies.filter((policy) => needOf(policy) === 'l7' && isClusterWide(policy));
  const needs = policies.filter((policy) => !misplaced.includes(policy)).flatMap((policy) => needOf(policy) ?? []);
  const level = needs.includes('l7') ? 'l7' : 'fqdn';
  const lines = misplaced.map((policy) =>
    editPolicy(policy, 'Move its rules about requests to a CiliumNetworkPolicy in each namespace.'),
  );
  if (needs.length > 0 && isTooOld(cluster))
    lines.push(
      shellComment('Upgrade to VERSION, 1.29 or later, one minor version at a time:'),
      azAks(cluster, 'get-upgrades'),
      azAks(cluster, 'upgrade', '--kubernetes-version', 'VERSION'),
    );
  if (needs.length > 0 && !isGiven(level, cluster))
    lines.push(
      shellComment(
        'Advanced Container Networking Services cost extra. To do without them, remove such rules from the policies.',
      ),
      azAks(cluster, 'update', '--enable-acns', '--acns-advanced-networkpolicies', level.toUpperCase()),
    );
  return lines.join('\n');
}
