// Where each kind is looked for, given what an API server says that it serves.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates, parseServed, readKinds } from '../../../shared/estate/kubernetes/kinds.ts';

const pathsOf = (kind: string, served: Readonly<Record<string, readonly string[]>> | undefined): string[] =>
  readKinds
    .filter((row) => row.kind === kind)
    .flatMap((row) =>
      candidates(row, served && new Map(Object.entries(served)))
        .flat()
        .map(({ path }) => path),
    );

describe('places', () => {
  test.each<[string, string, Readonly<Record<string, readonly string[]>> | undefined, string[]]>([
    ['a group that is not served has nothing', 'CiliumNetworkPolicy', {}, []],
    [
      'a served group is asked',
      'CiliumNetworkPolicy',
      { 'cilium.io': ['v2', 'v2alpha1'] },
      ['/apis/cilium.io/v2/ciliumnetworkpolicies'],
    ],
    [
      'a group of newer versions is asked in those',
      'ClusterNetworkPolicy',
      { 'policy.networking.k8s.io': ['v1beta1'] },
      ['/apis/policy.networking.k8s.io/v1beta1/clusternetworkpolicies'],
    ],
    [
      'Calico behind its own API server comes before its definitions',
      'Tier',
      { 'crd.projectcalico.org': ['v1'], 'projectcalico.org': ['v3'] },
      ['/apis/projectcalico.org/v3/tiers', '/apis/crd.projectcalico.org/v1/tiers'],
    ],
    [
      'a server that does not tell is asked for everything known',
      'GlobalNetworkPolicy',
      undefined,
      ['/apis/projectcalico.org/v3/globalnetworkpolicies', '/apis/crd.projectcalico.org/v1/globalnetworkpolicies'],
    ],
    [
      'the sets of addresses that Calico rules select by label are read too',
      'GlobalNetworkSet',
      { 'crd.projectcalico.org': ['v1'] },
      ['/apis/crd.projectcalico.org/v1/globalnetworksets'],
    ],
    [
      'core kinds are there although the list of groups has none of them',
      'ServiceAccount',
      {},
      ['/api/v1/serviceaccounts'],
    ],
    [
      'of the endpoints only those of the API server are asked for',
      'EndpointSlice',
      { 'discovery.k8s.io': ['v1'] },
      ['/apis/discovery.k8s.io/v1/endpointslices?fieldSelector=metadata.name%3Dkubernetes'],
    ],
    ['core kinds are always there', 'Service', {}, ['/api/v1/services']],
    ['nodes are asked for: they tell where pods run', 'Node', {}, ['/api/v1/nodes']],
    [
      'CIDR groups are asked for in either version, the newer first',
      'CiliumCIDRGroup',
      { 'cilium.io': ['v2', 'v2alpha1'] },
      ['/apis/cilium.io/v2/ciliumcidrgroups', '/apis/cilium.io/v2alpha1/ciliumcidrgroups'],
    ],
    ['what must be there is asked for anyhow', 'DaemonSet', {}, ['/apis/apps/v1/daemonsets']],
  ])('%s', (_name, kind, served, expected) => {
    expect(pathsOf(kind, served)).toEqual(expected);
  });
});

describe('what a server serves', () => {
  test('is read from its list of groups', () => {
    const raw = { kind: 'APIGroupList', groups: [{ name: 'apps', versions: [{ version: 'v1' }] }, { name: 'x' }] };
    expect(parseServed(raw)).toEqual(
      new Map([
        ['apps', ['v1']],
        ['x', []],
      ]),
    );
  });

  test('is unknown when the answer is anything else, and never an exception', () => {
    expect(parseServed({ kind: 'Status' })).toBeUndefined();
    fc.assert(fc.property(fc.jsonValue(), (raw) => void parseServed(raw)));
    fc.assert(fc.property(fc.jsonValue(), (groups) => void parseServed({ kind: 'APIGroupList', groups })));
  });
});
