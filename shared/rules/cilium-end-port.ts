// Older Cilium ignores endPort, and opens only the first port of a range.
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { isBelow, parseVersion } from './facts/version.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const ciliumEndPort: Rule = {
  id: 'cilium-end-port',
  title: 'Port ranges are understood by the engine',
  failing: 'uses a port range that the engine ignores',
  rationale:
    'Cilium before 1.17, which AKS runs before Kubernetes 1.32, applies only the first port of a range, so allowed connections fail.',
  severity: 'high',
  subject: 'policy',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['AKS migration guide: NPM to Cilium'],
  references: ['https://learn.microsoft.com/azure/aks/migrate-from-npm-to-cilium-network-policy'],
  *evaluate(snapshot) {
    const { policies, engine, cluster } = viewOf(snapshot);
    for (const policy of policies) {
      const ranges = [...(policy.ingress ?? []), ...(policy.egress ?? [])]
        .flatMap((rule) => rule.ports ?? [])
        .some((port) => 'from' in port && port.to > port.from && !(port.from === 1 && port.to === 65_535));
      const it = about(policySubject(policy));
      if (engine !== 'cilium' || !ranges)
        yield it.notApplicable(engine === 'cilium' ? 'It has no port range.' : 'The engine is not Cilium.');
      else if (!parseVersion(cluster.kubernetesVersion))
        yield it.unknown('unrecognised-value', 'The Kubernetes version is not known.');
      else if (isBelow(cluster.kubernetesVersion, 1, 32))
        yield it.fail(
          `It uses endPort, which Cilium on Kubernetes ${cluster.kubernetesVersion} ignores.`,
          `${editPolicy(policy, 'List the ports one by one, or upgrade to Kubernetes 1.32 or later.')}`,
        );
      else yield it.pass('This version of Cilium understands endPort.');
    }
  },
};
