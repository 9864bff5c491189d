// Fields that no API has: a typo costs the policy and is named, what may be of a newer API is told and left aside.
import { describe, expect, test } from 'vitest';
import { parseObjects } from '../../shared/network/index.ts';
import { refName } from '../../shared/network/objects.ts';
import { np } from './malformed-given.ts';

const told = (raw: unknown) => {
  const { problems, notes } = parseObjects([raw]).objects;
  const lines = (list: typeof notes) => list.map(({ ref, path, message }) => `${refName(ref)} ${path}: ${message}`);
  return { problems: lines(problems), notes: lines(notes), reach: problems.map(({ reach }) => reach) };
};
const cilium = (spec: unknown) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'bad', namespace: 'shop' },
  spec,
});
const calico = (spec: unknown) => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'GlobalNetworkPolicy',
  metadata: { name: 'bad' },
  spec,
});
const admin = (spec: unknown) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'bad' },
  spec,
});

describe('a typo is named with the field that was meant, and the policy left out', () => {
  test.each<[unknown, string, string]>([
    [np({ podSelector: {}, ingres: [{}] }), 'spec.ingres', 'ingress'],
    [np({ podSelectr: {} }), 'spec.podSelectr', 'podSelector'],
    [np({ podselector: {} }), 'spec.podselector', 'podSelector'],
    [np({ podSelector: { matchLabel: { a: 'b' } } }), 'spec.podSelector.matchLabel', 'matchLabels'],
    [np({ podSelector: {}, ingress: [{ form: [] }] }), 'spec.ingress[0].form', 'from'],
    [np({ podSelector: {}, ingress: [{ ports: [{ prot: 80 }] }] }), 'spec.ingress[0].ports[0].prot', 'port'],
    [
      np({ podSelector: {}, ingress: [{ from: [{ ipBlok: { cidr: '10.0.0.0/8' } }] }] }),
      'spec.ingress[0].from[0].ipBlok',
      'ipBlock',
    ],
    [{ ...np({}), spce: {} }, 'spce', 'spec'],
    [cilium({ endpointSelectors: {}, ingress: [{}] }), 'spec.endpointSelectors', 'endpointSelector'],
    [cilium({ endpointSelector: {}, egress: [{ toFQDN: [] }] }), 'spec.egress[0].toFQDN', 'toFQDNs'],
    [
      { ...cilium(undefined), specs: [{ endpointSelector: {}, ingress: [{ fromCidr: [] }] }] },
      'specs[0].ingress[0].fromCidr',
      'fromCIDR',
    ],
    [calico({ egres: [] }), 'spec.egres', 'egress'],
    [calico({ ingress: [{ action: 'Allow', source: { net: [] } }] }), 'spec.ingress[0].source.net', 'nets'],
    [admin({ tier: 'Admin', priority: 1, subject: { namespace: {} } }), 'spec.subject.namespace', 'namespaces'],
  ])('%j', (raw, path, meant) => {
    const { problems, notes, reach } = told(raw);
    expect(problems.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([
      `${path}: is not a field: did you mean ${meant}?`,
    ]);
    expect(notes).toEqual([]);
    expect(reach[0]).toBeDefined();
  });
});

test('a field that nobody could have mistaken is told, and the policy judged without it', () => {
  const { problems, notes } = told(np({ podSelector: {}, galaxies: [1], ingress: [{ quantum: true }] }));
  expect(problems).toEqual([]);
  expect(notes).toEqual([
    'shop/bad[NetworkPolicy] spec.galaxies: is not a field that this version of Bulkhead knows: the object is judged without it',
    'shop/bad[NetworkPolicy] spec.ingress[0].quantum: is not a field that this version of Bulkhead knows: the object is judged without it',
  ]);
});

test('a policy of a thousand such fields tells of five', () => {
  const spec = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`galaxies-${i}`, i]));
  expect(told(np(spec)).notes).toHaveLength(5);
});

test('a label that is not a text is told, and its object judged without it', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web', tier: 7 } }, spec: {} };
  expect(parseObjects([pod]).objects.pods[0]!.labels).toEqual({ app: 'web' });
  expect(told(pod).notes).toEqual([
    'default/web[Pod] metadata.labels.tier: 7 is not a string: write it in quotes. The object is judged without this label',
  ]);
  const template = { metadata: { labels: { on: true } }, spec: {} };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'x' },
    spec: { jobTemplate: { spec: { template } } },
  };
  expect(told(job).notes).toEqual([
    'default/x[CronJob] spec.jobTemplate.spec.template.metadata.labels.on: true is not a string: write it in quotes. The object is judged without this label',
  ]);
});
