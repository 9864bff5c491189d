// ARM bodies of every kind come out as one shape, or as a problem with a place; never as a crash.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { parseManagedNamespaces } from '../../shared/estate/parse-namespaces.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { engineOf } from '../../shared/model/cluster.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../infra/local/estate/retail-production/shop-prod.json', import.meta.url), 'utf8'),
) as { id: string; name: string; properties: Record<string, unknown> };

const { properties, ...head } = sample;
const clusterOf = (raw: unknown) => {
  const listed = parseCluster(raw);
  if ('problem' in listed) throw new Error(listed.problem);
  return listed.cluster;
};

describe('shapes', () => {
  const expected = clusterOf(sample);
  test('what az prints flattened equals what ARM nests', () => {
    expect(clusterOf({ ...head, ...properties })).toEqual(expected);
  });

  test.each<[string, (key: string) => string]>([
    ['upper case', (key) => key.toUpperCase()],
    ['lower case', (key) => key.toLowerCase()],
    ['capitalised', (key) => key.charAt(0).toUpperCase() + key.slice(1)],
  ])('property names in %s change nothing', (_name, change) => {
    const rename = (value: unknown, keep: boolean): unknown => {
      if (Array.isArray(value)) return value.map((item) => rename(item, keep));
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [keep ? k : change(k), rename(v, k === 'tags')]));
    };
    expect(clusterOf(rename(sample, false))).toEqual(expected);
  });

  test('ids in any case are one cluster, and tags keep their case', () => {
    const shouting = clusterOf({ ...sample, id: sample.id.toUpperCase(), tags: { Team: 'Storefront' } });
    expect(shouting.id).toBe(expected.id);
    expect(shouting.tags).toEqual({ Team: 'Storefront' });
  });

  test('null, empty and absent all mean unset', () => {
    for (const networkPolicy of [null, '', undefined]) {
      const network = clusterOf({
        ...head,
        properties: { networkProfile: { networkPlugin: 'azure', networkPolicy } },
      }).network;
      expect(network).not.toHaveProperty('policy');
    }
  });
});

const withProperties = (more: Record<string, unknown>): Cluster =>
  clusterOf({ ...head, properties: { ...properties, ...more } });

describe('quirks of real bodies', () => {
  test.each<[string, Record<string, unknown>, Partial<Cluster>]>([
    ['enableAzureRBAC of ARM', { aadProfile: { enableAzureRBAC: true } }, { entra: true, azureRbac: true }],
    ['enableAzureRbac of az', { aadProfile: { enableAzureRbac: true } }, { entra: true, azureRbac: true }],
    ['an Entra profile of null', { aadProfile: null }, { entra: false, azureRbac: false }],
    ['no node pools', { agentPoolProfiles: null }, { pools: [] }],
    [
      'a pool without an OS',
      { agentPoolProfiles: [{ name: 'a' }] },
      { pools: [{ name: 'a', os: 'linux', autoscaling: false }] },
    ],
    [
      'a pool in capitals without an autoscaler maximum',
      { agentPoolProfiles: [{ Name: 'w', osType: 'WINDOWS', count: 2, enableAutoScaling: null, maxCount: null }] },
      { pools: [{ name: 'w', os: 'windows', count: 2, autoscaling: false }] },
    ],
    [
      'a pool of single machines that grows by size',
      {
        agentPoolProfiles: [
          {
            name: 'vms',
            virtualMachinesProfile: {
              scale: { manual: [{ count: 3 }], autoscale: [{ minCount: 1, maxCount: 90 }, { maxCount: 200 }] },
            },
            virtualMachineNodesStatus: [
              { size: 'a', count: 3 },
              { size: 'b', count: 2 },
            ],
          },
        ],
      },
      { pools: [{ name: 'vms', os: 'linux', count: 5, autoscaling: true, maxCount: 293 }] },
    ],
    [
      'a pool of single machines of a fixed number',
      {
        agentPoolProfiles: [
          { name: 'vms', virtualMachinesProfile: { scale: { manual: [{ count: 3 }, { count: 4 }] } } },
        ],
      },
      { pools: [{ name: 'vms', os: 'linux', count: 7, autoscaling: false }] },
    ],
    [
      'one autoscale profile, as earlier versions of the API had it',
      { agentPoolProfiles: [{ name: 'vms', virtualMachinesProfile: { scale: { autoscale: { maxCount: 9 } } } }] },
      { pools: [{ name: 'vms', os: 'linux', autoscaling: true, maxCount: 9 }] },
    ],
    [
      'nodes with public addresses',
      { agentPoolProfiles: [{ name: 'edge', enableNodePublicIP: true }] },
      { pools: [{ name: 'edge', os: 'linux', autoscaling: false, publicIps: true }] },
    ],
    [
      'an API server in the virtual network',
      { apiServerAccessProfile: { enableVnetIntegration: true } },
      { vnetApi: true },
    ],
    [
      'LocalDNS by its state where one is told, else by its mode',
      {
        agentPoolProfiles: [
          { name: 'a', localDNSProfile: { mode: 'Preferred', state: 'Enabled' } },
          { name: 'b', localDnsProfile: { mode: 'Required' } },
        ],
      },
      {
        pools: [
          { name: 'a', os: 'linux', autoscaling: false, localDns: 'enabled' },
          { name: 'b', os: 'linux', autoscaling: false, localDns: 'required' },
        ],
      },
    ],
    ['a cluster that is switched off', { powerState: { code: 'STOPPED' } }, { power: 'stopped' }],
    ['an empty power state', { powerState: {} }, {}],
    ['an API server profile of null', { apiServerAccessProfile: null }, { privateApi: false, authorizedIpRanges: [] }],
    [
      'authorizedIPRanges of null on a private cluster',
      { apiServerAccessProfile: { enablePrivateCluster: true, authorizedIPRanges: null } },
      { privateApi: true, authorizedIpRanges: [] },
    ],
    ['node auto-provisioning', { nodeProvisioningProfile: { mode: 'Auto' } }, { autoProvisioning: true }],
    ['an upgrade in progress', { provisioningState: 'Upgrading' }, { provisioning: 'upgrading' }],
  ])('%s', (_name, more, expected) => {
    expect(withProperties(more)).toMatchObject(expected);
  });

  test.each<[unknown, string]>([
    [{ networkPlugin: 'azure', networkPolicy: 'Cilium' }, 'cilium'],
    [{ networkPlugin: 'azure', networkPolicy: ' CALICO ' }, 'calico'],
    [{ networkPlugin: 'azure', networkPolicy: 'none' }, 'none'],
    [{ networkPlugin: 'azure', networkPolicy: '' }, 'none'],
    [{ networkPlugin: 'azure', networkPolicy: null }, 'none'],
    [{ networkPlugin: 'azure' }, 'none'],
    [{ networkPlugin: 'azure', NetworkDataplane: 'CILIUM' }, 'cilium'],
    [{ networkPlugin: 'azure', networkPolicy: 'ebpf-next' }, 'unrecognised'],
    [null, 'none'],
  ])('a network profile of %j has the engine %s', (networkProfile, engine) => {
    expect(engineOf(withProperties({ networkProfile }))).toBe(engine);
  });

  test.each<[string, unknown, unknown]>([
    ['absent', undefined, undefined],
    ['of null', null, undefined],
    ['switched off', { enabled: false }, { enabled: false, security: false }],
    ['on, without security', { enabled: true, observability: { enabled: true } }, { enabled: true, security: false }],
    ['on, with security', { enabled: true, security: { enabled: true } }, { enabled: true, security: true }],
    [
      'on, for requests',
      { enabled: true, security: { enabled: true, advancedNetworkPolicies: 'L7' } },
      { enabled: true, security: true, policies: 'l7' },
    ],
  ])('advanced container networking services %s', (_name, advancedNetworking, expected) => {
    expect(
      withProperties({ networkProfile: { networkPlugin: 'azure', advancedNetworking } }).network?.advanced,
    ).toEqual(expected);
  });

  test('a body without a network profile has no network at all', () => {
    expect(withProperties({ networkProfile: null })).not.toHaveProperty('network');
  });

  test('an Automatic cluster has Entra with Azure RBAC, whatever its profile says', () => {
    const automatic = clusterOf({ ...head, sku: { name: 'Automatic' }, properties: {} });
    expect(automatic).toMatchObject({ sku: 'automatic', entra: true, azureRbac: true });
  });

  test('subscription, group and name come from the id', () => {
    const id = '/SUBSCRIPTIONS/ABC/resourcegroups/Rg-One/PROVIDERS/microsoft.containerservice/managedclusters/Shop';
    expect(clusterOf({ id })).toMatchObject({ subscriptionId: 'abc', resourceGroup: 'Rg-One', name: 'Shop' });
  });

  test('a name longer than any that Azure gives is cut, in a problem too', () => {
    const name = 'x'.repeat(100_000);
    expect(clusterOf({ ...sample, name }).name).toHaveLength(200);
    expect(JSON.stringify(parseCluster({ name })).length).toBeLessThan(1_000);
  });

  test('of two spellings of one property the one that says something wins', () => {
    const both = { ...head, properties, Properties: null };
    expect(clusterOf(both)).toEqual(clusterOf(sample));
  });

  test('a tag that another tool turned into a number or nothing is still a tag', () => {
    expect(clusterOf({ ...sample, tags: { cost: 7, Live: true, Empty: null } }).tags).toEqual({
      cost: '7',
      Live: 'true',
      Empty: '',
    });
  });
});

describe('managed namespaces', () => {
  test.each<[string, unknown, unknown]>([
    [
      'as ARM nests them',
      [{ name: 'a', properties: { defaultNetworkPolicy: { ingress: 'DenyAll', egress: 'AllowAll' } } }],
      [{ name: 'a', ingress: 'denyall', egress: 'allowall' }],
    ],
    [
      'as az flattens them',
      [{ name: 'a', DefaultNetworkPolicy: { Ingress: 'ALLOWSAMENAMESPACE', egress: null } }],
      [{ name: 'a', ingress: 'allowsamenamespace' }],
    ],
    ['without a policy', [{ id: '/x/managedNamespaces/team-a' }], [{ name: 'team-a' }]],
    ['none', [], []],
    ['no list', { value: [] }, undefined],
    ['a list of something else', ['a'], undefined],
  ])('%s', (_name, raw, expected) => {
    expect(parseManagedNamespaces(raw)).toEqual(expected);
  });
});

describe('a field that cannot be understood', () => {
  test.each<[string, Record<string, unknown>, string, string[]]>([
    [
      'a networkPolicy of 7',
      { networkProfile: { networkPolicy: 7 } },
      'networkProfile.networkPolicy',
      ['network.policy'],
    ],
    ['a network profile of 7', { networkProfile: 7 }, 'networkProfile', ['network']],
    ['pools that are not a list', { agentPoolProfiles: { a: 1 } }, 'agentPoolProfiles', ['pools']],
    ['a pool that is not an object', { agentPoolProfiles: [{ name: 'a' }, 7] }, 'agentPoolProfiles', ['pools']],
    [
      'a count below zero',
      {
        agentPoolProfiles: [
          { name: 'a', count: 1 },
          { name: 'b', count: -1 },
        ],
      },
      'agentPoolProfiles.1.count',
      ['pools.1.count'],
    ],
    [
      'one family among several',
      { networkProfile: { ipFamilies: ['IPv4', 6] } },
      'networkProfile.ipFamilies',
      ['network.ipFamilies'],
    ],
    ['a part of a field nobody lists alone', { powerState: { code: 7 } }, 'powerState.code', ['power']],
  ])('%s is named with what it would have told, and the rest is read', (_name, more, place, facts) => {
    const cluster = withProperties(more);
    expect(cluster.unreadableFields).toMatchObject([{ place, facts }]);
    expect(cluster).toMatchObject({
      id: sample.id.toLowerCase(),
      kubernetesVersion: withProperties({}).kubernetesVersion,
    });
  });

  test('beside the properties, too', () => {
    const cluster = clusterOf({ ...sample, tags: { team: 'shop', owner: ['ann'] } });
    expect(cluster.unreadableFields).toMatchObject([{ place: 'tags.owner', facts: ['tags'] }]);
    expect(cluster.tags).toEqual({ team: 'shop' });
  });

  test('several are each named, and one inside another once is enough', () => {
    const cluster = withProperties({ fqdn: 7, agentPoolProfiles: [7, { count: 'x' }], powerState: 'on' });
    expect(new Set(cluster.unreadableFields?.map(({ place }) => place))).toEqual(
      new Set(['fqdn', 'agentPoolProfiles', 'agentPoolProfiles.1.count', 'powerState']),
    );
  });

  test('the input is left as it is', () => {
    const tags = { owner: ['ann'] };
    clusterOf({ ...sample, tags });
    expect(tags).toEqual({ owner: ['ann'] });
  });

  test('managed namespaces that are not a list are not read as none', () => {
    const cluster = clusterOf({ ...sample, managedNamespaces: 7 });
    expect(cluster).not.toHaveProperty('managedNamespaces');
    expect(cluster.managedNamespacesUnread).toMatchObject({ reason: 'unrecognised-value' });
  });
});

describe('bodies that cannot be understood', () => {
  test.each<[string, unknown, RegExp]>([
    ['a number', 7, /not an object/],
    ['no id', { name: 'x' }, /id/],
    [
      'an id of something else',
      { id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x' },
      /not the id of a managed cluster/,
    ],
    ['an id that is a number', { id: 7 }, /id/],
    [
      'more wrong fields than a cluster would have',
      { id: sample.id, properties: { agentPoolProfiles: Array.from({ length: 50 }, () => ({ count: 'x' })) } },
      /agentpoolprofiles\.0\.count.*and 49 more/,
    ],
    ['properties that are a list', { id: sample.id, properties: [] }, /properties/],
  ])('%s is a problem that says where', (_name, raw, text) => {
    const listed = parseCluster(raw);
    expect('problem' in listed && listed.problem).toMatch(text);
  });

  test('the case of property names and enums changes nothing', () => {
    const anyCase = (text: string, bits: readonly boolean[]): string =>
      Array.from(text, (c, at) => (bits[at % bits.length] ? c.toUpperCase() : c.toLowerCase())).join('');
    const enums = /^(networkpl|networkpol|networkda|ostype|mode|code|provisioningstate|outboundtype)/i;
    const twist = (value: unknown, bits: readonly boolean[]): unknown => {
      if (Array.isArray(value)) return value.map((item) => twist(item, bits));
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          anyCase(key, bits),
          key === 'tags'
            ? inner
            : typeof inner === 'string' && enums.test(key)
              ? anyCase(inner, bits)
              : twist(inner, bits),
        ]),
      );
    };
    const expected = parseCluster(sample);
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (bits) => {
        expect(parseCluster(twist(sample, bits))).toEqual(expected);
      }),
    );
  });

  test('nothing whatever makes it throw', () => {
    fc.assert(fc.property(fc.anything(), (raw) => void parseManagedNamespaces(raw)));
    fc.assert(fc.property(fc.anything(), (raw) => void parseCluster(raw)));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const listed = parseCluster({
          id: sample.id,
          properties: { networkProfile: value, agentPoolProfiles: value, aadProfile: value },
        });
        expect(listed.name).toBeTruthy();
      }),
    );
  });
});
