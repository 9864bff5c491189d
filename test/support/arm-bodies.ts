// Any ARM body of a managed cluster: what exists, what should not, and values that nobody knows yet.
import fc from 'fast-check';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Cluster } from '../../shared/model/cluster.ts';

const ID =
  '/subscriptions/6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01/resourceGroups/rg (prod);x/providers/Microsoft.ContainerService/managedClusters/one';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const version = fc.constantFrom('1.19.11', '1.26.3', '1.28.9', '1.29.2', '1.30.0', '1.34.2');

const pool = fc.record({
  name: fc.constantFrom('system', 'work', 'win1', 'win2'),
  osType: fc.constantFrom('Linux', 'Linux', 'Windows', undefined, 'Plan9'),
  osSKU: fc.constantFrom('Ubuntu', 'AzureLinux', 'Windows2019', 'Windows2022', 'Windows2025', undefined),
  count: maybe(fc.nat(300)),
  enableAutoScaling: maybe(fc.boolean()),
  maxCount: maybe(fc.nat(300)),
  enableNodePublicIP: maybe(fc.boolean()),
  currentOrchestratorVersion: maybe(version),
});

const properties = fc.record({
  currentKubernetesVersion: maybe(version),
  networkProfile: maybe(
    fc.record({
      networkPlugin: fc.constantFrom('azure', 'azure', 'kubenet', 'none', undefined, 'flannel'),
      networkPluginMode: fc.constantFrom('overlay', undefined, undefined, 'mesh'),
      networkPolicy: fc.constantFrom('azure', 'calico', 'cilium', 'none', undefined, 'antrea'),
      networkDataplane: fc.constantFrom('azure', 'cilium', undefined, undefined, 'ebpf2'),
      ipFamilies: maybe(fc.subarray(['IPv4', 'IPv6'])),
      podCidr: maybe(fc.constantFrom('10.244.0.0/16', 'fd00::/48')),
      advancedNetworking: maybe(
        fc.record({
          enabled: fc.boolean(),
          security: maybe(
            fc.record({
              enabled: fc.boolean(),
              advancedNetworkPolicies: fc.constantFrom('L7', 'FQDN', 'None', undefined, 'L9'),
            }),
          ),
        }),
      ),
    }),
  ),
  agentPoolProfiles: maybe(fc.uniqueArray(pool, { maxLength: 4, selector: ({ name }) => name })),
  nodeProvisioningProfile: maybe(fc.record({ mode: fc.constantFrom('Auto', 'Manual') })),
  apiServerAccessProfile: maybe(
    fc.record({
      enablePrivateCluster: maybe(fc.boolean()),
      enableVnetIntegration: maybe(fc.boolean()),
      authorizedIPRanges: maybe(fc.array(fc.constantFrom('0.0.0.0/0', '203.0.113.0/24'))),
    }),
  ),
  powerState: maybe(fc.record({ code: fc.constantFrom('Running', 'Stopped') })),
  provisioningState: maybe(fc.constantFrom('Succeeded', 'Updating', 'Failed')),
});

const managedNamespace = fc.record({
  name: fc.string({ minLength: 1 }),
  properties: fc.record({
    defaultNetworkPolicy: maybe(
      fc.record({ ingress: maybe(fc.constant('AllowAll')), egress: maybe(fc.constant('DenyAll')) }),
    ),
  }),
});

export const clusters: fc.Arbitrary<Cluster> = fc
  .record({
    id: fc.constant(ID),
    tags: maybe(fc.dictionary(fc.string(), fc.string({ unit: 'binary' }))),
    properties,
    managedNamespaces: maybe(fc.array(managedNamespace, { maxLength: 3 })),
  })
  .map((body) => {
    const listed = parseCluster(body);
    if ('problem' in listed) throw new Error(listed.problem);
    return listed.cluster;
  });
