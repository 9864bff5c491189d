// What a new pod would get: by example for every kind of policy, and against the naive evaluator with the pod put in.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EngineProfile } from '../../shared/network/index.ts';
import { closedByDefault, compile, restrictingByDefault } from '../../shared/network/index.ts';
import { formatIp } from '../../shared/network/ip.ts';
import { parseCalicoSelector } from '../../shared/network/parse/calico-selector.ts';
import type { CalicoPolicy, ClusterObjects, Labels, Pod } from '../../shared/network/objects.ts';
import { protocols, refName } from '../../shared/network/objects.ts';
import { matches } from '../../shared/network/selectors.ts';
import { unusedLabels, usualAtoms } from '../../shared/network/suppose.ts';
import { calicoClusters, ciliumClusters, clusters, interestingPorts } from './arbitrary.ts';
import { given } from './gotchas/given.ts';
import type { SideRule } from './naive.ts';
import { isolatingPolicies, kubernetesSide } from './naive.ts';
import { calicoSide, ciliumSide } from './naive-engines.ts';
import { runs } from '../support/runs.ts';

const policy = (spec: string, kind = 'NetworkPolicy', namespace = 'a'): string => `
  kind: ${kind}
  metadata: { name: p${namespace ? `, namespace: ${namespace}` : ''} }
  spec: ${spec}
`;
const wide = (kind: string, spec: string): string => policy(spec, kind, '');

const [cilium, calico, azure] = [{ engine: 'cilium' }, { engine: 'calico' }, { engine: 'azure' }] as const;
const closed = (text: string, profile: EngineProfile): string => {
  const { net } = given(text, profile);
  const namespace = net.objects.namespaces.find(({ name }) => name === 'a')!;
  const directions = (['ingress', 'egress'] as const).filter((d) => closedByDefault(net, namespace, d).closed);
  return directions.join(' and ') || 'open';
};

const denyAll = '{ subject: { namespaces: {} }, priority: 5, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }';

describe('a new pod', () => {
  test.each([
    ['without policies', wide('Tier', '{ order: 1 }'), calico, 'open'],
    ['a policy for every pod', policy('{ podSelector: {} }'), cilium, 'ingress'],
    ['one with a rule isolates as well', policy('{ podSelector: {}, egress: [{}] }'), cilium, 'ingress and egress'],
    ['one for an application', policy('{ podSelector: { matchLabels: { app: web } } }'), cilium, 'open'],
    [
      'one for all but an application',
      policy('{ podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [web] }] } }'),
      cilium,
      'ingress',
    ],
    [
      'one for pods without the label leaves new values of it open',
      policy('{ podSelector: { matchExpressions: [{ key: app, operator: DoesNotExist }] } }'),
      cilium,
      'open',
    ],
    [
      'two that share all pods between them',
      [
        policy('{ podSelector: { matchExpressions: [{ key: app, operator: DoesNotExist }] } }'),
        policy('{ podSelector: { matchExpressions: [{ key: app, operator: Exists }] } }').replace('name: p', 'name: q'),
      ].join('\n---\n'),
      cilium,
      'ingress',
    ],
    ['a policy of another namespace', policy('{ podSelector: {} }', 'NetworkPolicy', 'b'), cilium, 'open'],
    ['a policy that no engine enforces', policy('{ podSelector: {} }'), { engine: 'none' } as const, 'open'],
    [
      'Cilium, empty rules',
      policy('{ endpointSelector: {}, ingress: [{}] }', 'CiliumNetworkPolicy'),
      cilium,
      'ingress',
    ],
    ['Cilium, no section', policy('{ endpointSelector: {}, ingress: [] }', 'CiliumNetworkPolicy'), cilium, 'open'],
    [
      'Cilium, cluster-wide',
      wide('CiliumClusterwideNetworkPolicy', '{ endpointSelector: {}, ingress: [{}], egress: [{}] }'),
      cilium,
      'ingress and egress',
    ],
    [
      'Cilium, cluster-wide, for kube-dns',
      wide(
        'CiliumClusterwideNetworkPolicy',
        '{ endpointSelector: { matchLabels: { k8s-app: kube-dns } }, ingress: [{}] }',
      ),
      cilium,
      'open',
    ],
    [
      'Cilium, not as a default',
      policy(
        '{ endpointSelector: {}, enableDefaultDeny: { ingress: false }, ingress: [{ fromEndpoints: [{}] }] }',
        'CiliumNetworkPolicy',
      ),
      cilium,
      'open',
    ],
    ['Cilium under NPM', policy('{ endpointSelector: {}, ingress: [{}] }', 'CiliumNetworkPolicy'), azure, 'open'],
    [
      'Calico, every pod, both directions',
      wide('GlobalNetworkPolicy', '{ selector: all(), types: [Ingress, Egress] }'),
      calico,
      'ingress and egress',
    ],
    [
      'Calico, everything allowed',
      wide('GlobalNetworkPolicy', '{ selector: all(), ingress: [{ action: Allow }] }'),
      calico,
      'open',
    ],
    [
      'Calico, its own namespace let in',
      wide('GlobalNetworkPolicy', "{ ingress: [{ action: Allow, source: { namespaceSelector: team == 'red' } }] }"),
      calico,
      'ingress',
    ],
    [
      'Calico, all but some namespaces let in',
      wide('GlobalNetworkPolicy', "{ ingress: [{ action: Allow, source: { namespaceSelector: team != 'red' } }] }"),
      calico,
      'open',
    ],
    [
      'Calico, all addresses let out',
      wide('GlobalNetworkPolicy', '{ egress: [{ action: Allow, destination: { nets: [0.0.0.0/0] } }] }'),
      calico,
      'open',
    ],
    [
      'Calico, pods denied and the rest passed on',
      wide('GlobalNetworkPolicy', '{ ingress: [{ action: Deny, source: { selector: all() } }, { action: Pass }] }'),
      calico,
      'ingress',
    ],
    ['an admin policy that denies', wide('AdminNetworkPolicy', denyAll), calico, 'ingress'],
    ['an admin policy that allows', wide('AdminNetworkPolicy', denyAll.replace('Deny', 'Allow')), calico, 'open'],
    ['an admin policy under Cilium', wide('AdminNetworkPolicy', denyAll), cilium, 'open'],
    [
      'an admin policy that denies a port',
      wide(
        'AdminNetworkPolicy',
        denyAll.replace('action: Deny,', 'action: Deny, ports: [{ portNumber: { protocol: TCP, port: 22 } }],'),
      ),
      calico,
      'open',
    ],
    [
      'an admin policy that denies a team',
      wide(
        'AdminNetworkPolicy',
        denyAll.replace('from: [{ namespaces: {} }]', 'from: [{ namespaces: { matchLabels: { team: red } } }]'),
      ),
      calico,
      'open',
    ],
  ] as const)('%s', (_name, text, profile, expected) => {
    expect(closed(text, profile)).toBe(expected);
  });

  test('what depends on service accounts is open, and said to depend on run time', () => {
    const text = wide(
      'GlobalNetworkPolicy',
      '{ ingress: [{ action: Deny, source: { serviceAccounts: { names: [x] } } }, { action: Allow }] }',
    );
    const { net } = given(text, calico);
    expect(closedByDefault(net, net.objects.namespaces[0]!, 'ingress')).toMatchObject({
      closed: false,
      atRunTime: true,
    });
  });

  test('the policies that restrict it are named, those that only allow are not', () => {
    const text = [
      wide('GlobalNetworkPolicy', '{ ingress: [{ action: Allow }] }'),
      wide('AdminNetworkPolicy', denyAll.replace('Deny', 'Allow')),
      policy('{ podSelector: {} }'),
    ].join('\n---\n');
    const { net } = given(text, calico);
    const [a, b] = ['a', 'b'].map((wanted) => net.objects.namespaces.find(({ name }) => name === wanted)!);
    expect(restrictingByDefault(net, a!).map(refName)).toEqual(['a/p[NetworkPolicy]']);
    expect(restrictingByDefault(net, b!)).toEqual([]);
  });
});

/** Cilium does not see the hash of a rollout: to it such a label is not there. */
const keysUnder = (profile: EngineProfile): readonly string[] =>
  ['app', 'tier', 'env', 'app.kubernetes.io/name', 'pod-template-hash'].slice(0, profile.engine === 'cilium' ? 4 : 5);
const labelSets = (keys: readonly string[]): readonly Labels[] => [
  {},
  Object.fromEntries(keys.map((key) => [key, 'zz'])),
  ...keys.map((key) => ({ [key]: 'zz' })),
];

/** The same question, with the pods put in and every packet read literally. */
function naivelyClosed(
  objects: ClusterObjects,
  ip: string,
  direction: 'ingress' | 'egress',
  side: SideRule,
  sets: readonly Labels[],
): boolean {
  const pod = (namespace: string, labels: Labels, ips: readonly string[]): Pod => ({
    namespace,
    name: 'new',
    labels,
    owner: { kind: 'Pod', name: 'new' },
    replicas: 1,
    ips,
    hostNetwork: false,
    finished: false,
    ports: [],
  });
  const strange = { name: 'zz', labels: { 'kubernetes.io/metadata.name': 'zz' }, annotations: {} };
  const world = { ...objects, namespaces: [...objects.namespaces, strange] };
  const stranger = { pod: pod('zz', {}, [ip]) };
  return sets.every((labels) => {
    const self = pod('n1', labels, [ip]);
    const own = objects.namespaces.find(({ name }) => name === 'n1')!.labels;
    if (isolatingPolicies(world, direction, self).length > 0) return true;
    const isolates = objects.ciliumPolicies.some(
      ({ subject: { namespaces, pods }, [direction]: section }) =>
        section.isolates &&
        (typeof namespaces === 'string' ? namespaces === 'n1' : matches(namespaces, own)) &&
        matches(pods, labels),
    );
    if (isolates) return true;
    // Cilium's denials do not isolate.
    if (objects.ciliumPolicies.length > 0) return false;
    const [source, destination] = direction === 'ingress' ? [stranger, { pod: self }] : [{ pod: self }, stranger];
    return protocols.every((protocol) =>
      interestingPorts.every(
        (port) => !side(world, direction, self, stranger, { source, destination, protocol, port }),
      ),
    );
  });
}

test.each([
  ['NetworkPolicies and admin policies', clusters(true), calico, kubernetesSide],
  ['Cilium policies', ciliumClusters(), cilium, ciliumSide],
  ['Calico policies', calicoClusters(), calico, calicoSide],
] as const)('with %s it is as the naive evaluator says of a pod that is there', (_name, arbitrary, profile, side) => {
  fc.assert(
    fc.property(arbitrary, (objects) => {
      const net = compile(objects, profile);
      const [atom] = usualAtoms(net);
      const ip = formatIp(net.atoms[atom!]!.from);
      for (const direction of ['ingress', 'egress'] as const)
        expect(closedByDefault(net, objects.namespaces[0]!, direction).closed).toBe(
          naivelyClosed(objects, ip, direction, side, labelSets(keysUnder(profile))),
        );
    }),
    { numRuns: runs(400) },
  );
});

test('however many keys policies name, no more than a few pods are supposed', () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => `key${i}`);
  const calico = keys.map((key): CalicoPolicy => ({
    group: 'projectcalico.org',
    kind: 'GlobalNetworkPolicy',
    namespace: '',
    name: key,
    tier: 'default',
    order: 1,
    subject: parseCalicoSelector(`has(${key})`, 'spec.selector'),
    subjectNamespaces: undefined,
    ingress: [],
    egress: [],
  }));
  const found = unusedLabels({ policies: [], admin: [], cilium: [], calico });
  expect(found.length).toBeLessThan(40);
  expect(Object.keys(found[1]!)).toHaveLength(1_000);
});
