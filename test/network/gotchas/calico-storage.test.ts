// Calico's objects as they lie in crd.projectcalico.org/v1: what stands in their annotation counts, and the same object in both groups counts once.
import { describe, expect, test } from 'vitest';
import { given } from './given.ts';

const ALL = 'All Connections';
const metadata = (value: string) => `annotations: { projectcalico.org/metadata: '${value}' }`;
const set = (more: string, net = '203.0.113.0/24') => `
  apiVersion: crd.projectcalico.org/v1
  kind: GlobalNetworkSet
  metadata: { name: partners, ${more} }
  spec: { nets: [${net}] }
`;
const policy = (group: string, name: string, spec: string, more = '') => `
  apiVersion: ${group}
  kind: GlobalNetworkPolicy
  metadata: { name: ${name}, ${more} }
  spec: { selector: all(), ${spec} }
`;
const v1 = 'crd.projectcalico.org/v1';
const v3 = 'projectcalico.org/v3';
const through = (action: string) =>
  policy(
    v1,
    'default.x',
    `types: [Egress], egress: [{ action: ${action}, destination: { selector: role == "partner" } }]`,
  );
const all = (...documents: string[]) => given(documents.join('\n---\n'));

describe('labels that Calico keeps in its annotation', () => {
  const stored = set(metadata('{"labels":{"role":"partner"},"annotations":{"team":"a"}}'));

  test('let a rule select the set: an allow opens it, a deny closes it', () => {
    expect(all(stored, through('Allow')).talks('a/web', '203.0.113.7')).toBe(ALL);
    const denied = all(
      stored,
      through('Deny'),
      policy(v1, 'default.y', 'types: [Egress], egress: [{ action: Allow }]'),
    );
    expect([denied.talks('a/web', '203.0.113.7'), denied.talks('a/web', '198.51.100.7')]).toEqual(['nothing', ALL]);
  });

  test('win over those of the object, which count beside them', () => {
    const both = set(`labels: { role: other, zone: x }, ${metadata('{"labels":{"role":"partner"}}')}`);
    const zone = policy(
      v1,
      'z',
      'types: [Egress], egress: [{ action: Allow, destination: { selector: zone == "x" } }]',
    );
    expect(all(both, through('Allow')).talks('a/web', '203.0.113.7')).toBe(ALL);
    expect(all(both, zone).talks('a/web', '203.0.113.7')).toBe(ALL);
  });

  test('mean nothing in the newer group, which carries its own', () => {
    const newer = stored.replace(v1, v3);
    expect(all(newer, through('Allow')).talks('a/web', '203.0.113.7')).toBe('nothing');
  });

  test.each(['{', '[]', '"x"', '{"labels":{"role":1}}', '{"labels":[]}', '{"annotations":3}', '{"name":7}'])(
    'that are malformed (%s) are a problem of that object, which Calico leaves out as well',
    (value) => {
      const world = all(set(`labels: { role: partner }, ${metadata(value)}`), through('Allow'));
      expect(world.problems).toEqual([
        expect.stringMatching(
          /^partners\[GlobalNetworkSet\] metadata\.annotations\.projectcalico\.org\/metadata: .*Calico leaves the object out/,
        ),
      ]);
      expect(world.talks('a/web', '203.0.113.7')).toBe('nothing');
    },
  );

  test('that are absent or empty change nothing', () => {
    for (const more of ['labels: { role: partner }', `labels: { role: partner }, ${metadata('{}')}`])
      expect(all(set(more), through('Allow')).talks('a/web', '203.0.113.7')).toBe(ALL);
  });
});

describe('one object in both groups', () => {
  const [allow, deny] = [
    'types: [Ingress], ingress: [{ action: Allow }]',
    'types: [Ingress], ingress: [{ action: Deny }]',
  ];
  const named = (name: string) => metadata(`{"name":"${name}"}`);

  test.each([
    ['under the same name', policy(v1, 'x', deny), policy(v3, 'x', allow)],
    ['under a name with the prefix of its tier', policy(v1, 'default.x', deny), policy(v3, 'x', allow)],
    ['under the name that its annotation keeps', policy(v1, 'default.x', deny, named('x')), policy(v3, 'x', allow)],
    ['whichever comes first', policy(v3, 'x', allow), policy(v1, 'default.x', deny)],
  ])('counts once, the newer one, %s', (_name, first, second) => {
    const world = all(first, second);
    expect(world.talks('b/web', 'a/web')).toBe(ALL);
    expect(world.net.objects.foreignPolicies).toHaveLength(1);
    expect(world.problems).toEqual([]);
  });

  test('of different names, tiers or kinds both count', () => {
    expect(
      all(policy(v1, 'y', deny), policy(v3, 'x', 'order: 1, types: [Ingress], ingress: [{ action: Log }]')).net
        .governing.calico,
    ).toHaveLength(2);
    expect(
      all(policy(v1, 'default.x', `tier: other, ${deny}`), policy(v3, 'x', allow)).net.governing.calico,
    ).toHaveLength(2);
  });
});
