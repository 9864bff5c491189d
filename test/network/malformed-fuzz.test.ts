// Whatever stands in an object, reading it throws nothing and every engine compiles the rest.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, parseObjects } from '../../shared/network/index.ts';
import { rest } from './malformed-given.ts';
import { runs } from '../support/runs.ts';

const kinds: readonly (readonly [string, string])[] = [
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
  ['projectcalico.org/v3', 'Tier'],
  ['projectcalico.org/v3', 'NetworkSet'],
  ['crd.projectcalico.org/v1', 'GlobalNetworkSet'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'Namespace'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'CronJob'],
];
/** Fields that some parser looks at, so that the fuzz comes past the first of them. */
const words = `
  podSelector matchLabels matchExpressions key operator values ingress egress from to ports port
  endPort protocol ipBlock cidr except policyTypes namespaceSelector toString subject namespaces pods
  priority tier action networks nodes domainNames protocols portNumber portRange namedPort tcp
  destinationPort range number start end specs endpointSelector nodeSelector ingressDeny
  enableDefaultDeny fromEndpoints toPorts fromCIDRSet fromEntities toFQDNs icmps rules selector types
  order source destination nets notPorts notSelector notProtocol http template containers jobTemplate
  replicas serviceAccounts namespaceSelector ipVersion notNets serverNames listener authentication mode cidrGroupRef
  matchLabel ingres __proto__ spec metadata labels annotations ownerReferences status podIPs phase constructor
`
  .trim()
  .split(/\s+/);
const leaf = fc.oneof(
  fc.constantFrom<unknown>('In', 'Exists', 'Ingress', 'Egress', 'Allow', 'Accept', 'Deny', 'Admin', 'TCP', 'all', 'a'),
  fc.constantFrom<unknown>(0, 1, 80, 70_000, -1, 1.5, '80', '80:90', '10.0.0.0/8', '::/0', "a == 'b'", 'has(', ''),
  fc.jsonValue({ maxDepth: 1 }),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...words), tie('tree')), { maxLength: 5 }).map((e) => Object.fromEntries(e)),
  ),
}));

test.each(kinds)('%s %s', (apiVersion, kind) => {
  fc.assert(
    fc.property(fc.oneof(tree, fc.jsonValue()), tree, fc.boolean(), (spec, more, isNamed) => {
      const extra = typeof more === 'object' && more !== null && !Array.isArray(more) ? more : {};
      const raw = { ...extra, apiVersion, kind, metadata: { ...extra, ...(isNamed ? { name: 'x' } : {}) }, spec };
      const { objects } = parseObjects([raw, ...rest]);
      for (const engine of ['azure', 'calico', 'cilium', 'none'] as const)
        expect(compile(objects, { engine }).classes.length).toBeGreaterThan(0);
    }),
    { numRuns: runs(300) },
  );
});
