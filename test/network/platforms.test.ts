// Where pods run: by the labels of their nodes, by the names of nodes that may not be read, and by what pods ask for.
import { describe, expect, test } from 'vitest';
import { slimmer } from '../../shared/estate/kubernetes/slim.ts';
import { parseObjects } from '../../shared/network/index.ts';

const node = (name: string, labels: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  ...more,
});
const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'a' }, spec });
const platformOf = (...raws: object[]) => {
  const slim = raws.map((raw) => slimmer((raw as { kind: string }).kind, 'v1')(raw));
  const [whole, cut] = [raws, slim].map((all) => parseObjects(all).objects.pods[0]!.platform);
  expect(cut).toBe(whole);
  return whole;
};

describe('a pod runs', () => {
  test.each<[string, object, string | undefined]>([
    ['on Linux by the name of its node', { nodeName: 'aks-web-12345678-vmss00000a' }, 'linux'],
    ['on Windows by the name of its node', { nodeName: 'aksnpwin00000a' }, 'windows'],
    ['on Windows by the name of its node in a pool of one letter', { nodeName: 'aksw000000' }, 'windows'],
    ['on the virtual node by its name', { nodeName: 'virtual-node-aci-linux' }, 'virtual'],
    ['nobody knows where, on a node of a strange name', { nodeName: 'node-1' }, undefined],
    ['nobody knows where, without a node', {}, undefined],
    ['on Windows, where its spec says so', { os: { name: 'windows' } }, 'windows'],
    ['on Windows, where its selector says so', { nodeSelector: { 'kubernetes.io/os': 'windows' } }, 'windows'],
    [
      'on Windows, where its selector says so as it did before',
      { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } },
      'windows',
    ],
    [
      'on the virtual node, where its selector says so',
      { nodeSelector: { type: 'virtual-kubelet', 'kubernetes.io/os': 'linux' } },
      'virtual',
    ],
    [
      'on a virtual node of the second kind',
      { os: { name: 'linux' }, nodeSelector: { virtualization: 'virtualnode2' } },
      'virtual',
    ],
    [
      'on its node, whatever it tolerates',
      { nodeName: 'aks-web-1-vmss000000', tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }] },
      'linux',
    ],
    [
      'on its node before what it asks for',
      { nodeName: 'aks-web-1-vmss000000', nodeSelector: { type: 'virtual-kubelet' } },
      'linux',
    ],
  ])('%s', (_name, spec, expected) => {
    expect(platformOf(pod(spec))).toBe(expected);
  });

  test.each<[string, object, string]>([
    ['Windows', { 'kubernetes.io/os': 'windows' }, 'windows'],
    ['Linux', { 'kubernetes.io/os': 'linux' }, 'linux'],
    ['a virtual one', { 'kubernetes.io/os': 'linux', type: 'virtual-kubelet' }, 'virtual'],
  ])('on %s node by its labels, before its name', (_name, labels, expected) => {
    expect(platformOf(node('aks-web-1-vmss000000', labels), pod({ nodeName: 'aks-web-1-vmss000000' }))).toBe(expected);
    expect(platformOf(pod({ nodeName: 'n' }), node('n', labels))).toBe(expected);
  });

  test('as a template asks for', () => {
    const template = { spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } };
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'w' }, spec: { template } };
    expect(parseObjects([deployment]).objects.pods[0]!.platform).toBe('windows');
  });
});

test('a node has its addresses and the ranges of its pods', () => {
  const raw = node(
    'n',
    { 'kubernetes.io/os': 'linux', zone: '1' },
    {
      spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00::/64'] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.224.0.4' },
          { type: 'ExternalIP', address: '20.0.0.4' },
          { type: 'Hostname', address: 'n' },
        ],
        images: [{ names: ['a'] }],
      },
    },
  );
  for (const given of [raw, slimmer('Node', 'v1')(raw)])
    expect(parseObjects([given]).objects.nodes).toEqual([
      {
        name: 'n',
        platform: 'linux',
        addresses: ['10.224.0.4', '20.0.0.4'],
        podCidrs: ['10.244.1.0/24', 'fd00::/64'],
      },
    ]);
  expect(JSON.stringify(slimmer('Node', 'v1')(raw))).not.toMatch(/images|zone/);
});

test.each([{}, { spec: [], status: 'x' }, { status: { addresses: [null, 3, { address: 7 }] } }])(
  'a node that is malformed (%j) has none, and breaks nothing',
  (more) => {
    expect(parseObjects([node('n', {}, more)]).objects.nodes).toEqual([{ name: 'n', addresses: [], podCidrs: [] }]);
  },
);
