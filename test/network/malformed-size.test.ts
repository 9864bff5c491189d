// Policies larger than any that a person writes: refused by name, or judged in bounded time.
import { expect, test } from 'vitest';
import { compile, connectionsOf, parseObjects } from '../../shared/network/index.ts';
import { np, problemsOf, rest } from './malformed-given.ts';

/** Seconds of this thread's own work that judging takes on a slow machine, with room: who else is at work there does not count. */
const LIMIT_S = 15;
const rules = (count: number, make: (i: number) => unknown) => Array.from({ length: count }, (_, i) => make(i));
const timed = (run: () => void): number => {
  const start = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000_000;
};

test.each(['ingress', 'egress'])('a million %s rules are more than any cluster can hold, and refused', (side) => {
  const spec = { podSelector: {}, [side]: rules(1_000_000, () => ({})) };
  let found: readonly string[] = [];
  expect(timed(() => (found = problemsOf(np(spec))))).toBeLessThan(LIMIT_S);
  expect(found).toEqual([`shop/bad[NetworkPolicy] spec.${side}: has 1000000 items; at most 100000 are judged`]);
});

test('a million rules in Cilium’s and in Calico’s policies are refused as well', () => {
  const many = rules(1_000_000, () => ({ action: 'Allow' }));
  const cilium = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'c' }, specs: many };
  const calico = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'g' },
    spec: { egress: many },
  };
  let found: readonly string[] = [];
  expect(timed(() => (found = problemsOf(cilium, calico)))).toBeLessThan(LIMIT_S);
  expect(found).toEqual([
    'default/c[CiliumNetworkPolicy] specs: has 1000000 items; at most 100000 are judged',
    'g[GlobalNetworkPolicy] spec.egress: has 1000000 items; at most 100000 are judged',
  ]);
});

test.each<[string, (i: number) => unknown, string]>([
  ['alike', () => ({ ports: [{ port: 80 }] }), 'TCP 80'],
  ['for a port each', (i) => ({ ports: [{ port: (i % 30_000) * 2 + 1 }] }), 'TCP 1,3,5,'],
  [
    'for an address each',
    (i) => ({ from: [{ ipBlock: { cidr: `20.${(i >> 15) & 255}.${(i >> 7) & 255}.${(i & 127) * 2}/32` } }] }),
    'All Connections',
  ],
])('as many rules as may be, %s, are judged', (_name, make, expected) => {
  let connections = '';
  const seconds = timed(() => {
    const { objects } = parseObjects([...rest, np({ podSelector: {}, ingress: rules(100_000, make) })]);
    expect(objects.problems).toEqual([]);
    const into = connectionsOf(compile(objects)).find(({ source, destination }) => {
      return destination === 'shop/web[Pod]' && source.startsWith(expected === 'All Connections' ? '20.' : 'shop');
    });
    connections = into!.connections;
  });
  expect(connections.slice(0, expected.length)).toBe(expected);
  expect(seconds).toBeLessThan(LIMIT_S);
});

test('as many peers and ports in one rule as may be are judged', () => {
  const rule = {
    from: rules(50_000, (i) => ({ ipBlock: { cidr: `20.${i >> 8}.${i & 255}.0/28` } })),
    ports: rules(30_000, (i) => ({ port: i * 2 + 1 })),
  };
  const seconds = timed(() => {
    const { objects } = parseObjects([...rest, np({ podSelector: {}, ingress: [rule] })]);
    expect(objects.problems).toEqual([]);
    expect(compile(objects).atoms.length).toBeGreaterThan(50_000);
  });
  expect(seconds).toBeLessThan(LIMIT_S);
});

test('as many nets as may be in a Calico rule and a network set are judged', () => {
  const nets = rules(100_000, (i) => `20.${(i >> 15) & 255}.${(i >> 7) & 255}.${(i & 127) * 2}/32`);
  const { objects } = parseObjects([
    ...rest,
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'GlobalNetworkSet',
      metadata: { name: 's', labels: { role: 'partner' } },
      spec: { nets },
    },
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'GlobalNetworkPolicy',
      metadata: { name: 'g' },
      spec: {
        order: 1,
        ingress: [
          { action: 'Deny', source: { nets } },
          { action: 'Deny', source: { selector: 'has(role)' } },
        ],
      },
    },
  ]);
  expect(objects.problems).toEqual([]);
  expect(timed(() => void compile(objects))).toBeLessThan(LIMIT_S);
});
