// CiliumCIDRGroup: blocks that policies name by reference or by labels. What is not there or cannot be read decides nothing for certain.
import { describe, expect, test } from 'vitest';
import { arm, given, judged } from './given.ts';

const group = (name: string, cidrs: string, labels = '{}', version = 'v2') => `
  apiVersion: cilium.io/${version}
  kind: CiliumCIDRGroup
  metadata: { name: ${name}, labels: ${labels} }
  spec: { externalCIDRs: [${cidrs}] }
`;
const policy = (spec: string) => `
  kind: CiliumNetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { endpointSelector: {}, ${spec} }
`;
const egress = (set: string) => policy(`egress: [{ toCIDRSet: [${set}] }]`);
const world = (...documents: string[]) => given(documents.join('\n---\n'), { engine: 'cilium' });
const [inside, outside] = ['203.0.113.7', '198.51.100.7'];
const reach = (...documents: string[]) => {
  const { talks, runTime, problems } = world(...documents);
  return [talks('a/web', inside), talks('a/web', outside), ...runTime('a/web'), ...problems];
};
const ALL = 'All Connections';

describe('a group by its name', () => {
  test.each(['v2', 'v2alpha1'])('of %s stands for its blocks', (version) => {
    const partners = group('partners', '203.0.113.0/24, 192.0.2.0/24', '{}', version);
    expect(reach(egress('{ cidrGroupRef: partners }'), partners)).toEqual([ALL, 'nothing']);
    expect(reach(partners, egress('{ cidrGroupRef: partners }'))).toEqual([ALL, 'nothing']);
  });

  test('closes them where it is denied', () => {
    const denied = policy('egress: [{ toEntities: [all] }], egressDeny: [{ toCIDRSet: [{ cidrGroupRef: partners }] }]');
    expect(reach(denied, group('partners', '203.0.113.0/24'))).toEqual(['nothing', ALL]);
  });

  test('lets them in', () => {
    const { talks } = world(
      policy('ingress: [{ fromCIDRSet: [{ cidrGroupRef: partners }] }]'),
      group('partners', '203.0.113.0/24'),
    );
    expect([talks(inside, 'a/web'), talks(outside, 'a/web')]).toEqual([ALL, 'nothing']);
  });

  test('that is empty allows nobody, for certain', () => {
    expect(reach(egress('{ cidrGroupRef: partners }'), group('partners', ''))).toEqual(['nothing', 'nothing']);
  });

  test('that is not there leaves it open what is allowed, beside blocks that are certain', () => {
    expect(reach(egress('{ cidrGroupRef: partners }'))).toEqual(['nothing', 'nothing', 'egress']);
    expect(reach(egress('{ cidrGroupRef: partners }, { cidr: 203.0.113.0/24 }'))).toEqual([ALL, 'nothing', 'egress']);
    const denied = policy('egress: [{ toEntities: [all] }], egressDeny: [{ toCIDRSet: [{ cidrGroupRef: partners }] }]');
    expect(reach(denied)).toEqual([ALL, ALL, 'egress']);
  });

  test('with exceptions beside it is not weighed', () => {
    const except = egress('{ cidrGroupRef: partners, except: [203.0.113.0/28] }');
    expect(reach(except, group('partners', '203.0.113.0/24'))).toEqual(['nothing', 'nothing', 'egress']);
  });

  test('with a block that is malformed is a problem, and decides nothing for certain', () => {
    expect(reach(egress('{ cidrGroupRef: partners }'), group('partners', '203.0.113.0/24, 300.0.0.0/8'))).toEqual([
      'nothing',
      'nothing',
      'egress',
      'partners[CiliumCIDRGroup] spec.externalCIDRs[1]: "300.0.0.0/8" is not a CIDR block',
    ]);
  });
});

describe('groups by their labels', () => {
  const [one, two] = [
    group('one', '203.0.113.0/24', '{ zone: x, tier: a }'),
    group('two', '198.51.100.0/24', '{ zone: x }'),
  ];

  test.each([
    ['a label', '{ matchLabels: { zone: x } }', [ALL, ALL]],
    ['a label under the prefix that Cilium gives it', '{ matchLabels: { "cidrgroup:tier": a } }', [ALL, 'nothing']],
    ['a key', '{ matchExpressions: [{ key: tier, operator: Exists }] }', [ALL, 'nothing']],
    [
      'the name',
      '{ matchExpressions: [{ key: io.cilium.policy.cidrgroupname/two, operator: Exists }] }',
      ['nothing', ALL],
    ],
  ])('are found by %s', (_name, selector, expected) => {
    expect(reach(egress(`{ cidrGroupSelector: ${selector} }`), one, two)).toEqual(expected);
  });

  test.each([
    ['that matches none', '{ matchLabels: { zone: y } }'],
    ['that is empty', '{}'],
    ['with a negative requirement', '{ matchExpressions: [{ key: zone, operator: NotIn, values: [y] }] }'],
    ['of which another group matches a part, whose block may be the same', '{ matchLabels: { zone: x, tier: a } }'],
  ])('by a selector %s decide nothing for certain', (_name, selector) => {
    expect(reach(egress(`{ cidrGroupSelector: ${selector} }`), one, two)).toEqual(['nothing', 'nothing', 'egress']);
  });
});

test('a set names one of block, group and selector', () => {
  for (const set of ['{}', '{ cidr: 203.0.113.0/24, cidrGroupRef: partners }'])
    expect(world(egress(set)).problems).toEqual([
      'a/p[CiliumNetworkPolicy] spec.egress[0].toCIDRSet[0]: must have exactly one of cidr, cidrGroupRef and cidrGroupSelector',
    ]);
});

test('a group that was not read may hold the metadata endpoint: whether it is blocked is unknown', () => {
  const verdict = (text: string) =>
    judged('metadata-endpoint-blocked', arm.cilium, text).find((line) => line.startsWith('workload/a/db'));
  expect(verdict(egress('{ cidrGroupRef: partners }'))).toBe('workload/a/db[Pod] unknown');
  const groups = (cidrs: string) => `${egress('{ cidrGroupRef: partners }')}\n---\n${group('partners', cidrs)}`;
  expect(verdict(groups('203.0.113.0/24'))).toBe('workload/a/db[Pod] pass');
  expect(verdict(groups('169.254.0.0/16'))).toBe('workload/a/db[Pod] fail');
});
