// Generated clusters, small enough to look at every pair and rich enough to hit every rule of the language.
import fc from 'fast-check';
import { parseCalicoSelector } from '../../shared/network/parse/calico-selector.ts';
import type {
  AdminPolicy,
  AdminRule,
  CalicoEntity,
  CalicoPolicy,
  CalicoRule,
  CiliumPeer,
  CiliumPolicy,
  CiliumRule,
  ClusterObjects,
  NetworkPolicy,
  NetworkSet,
  Pod,
  PolicyRule,
  PortRule,
  Selector,
} from '../../shared/network/objects.ts';
import { noObjects } from '../../shared/network/objects.ts';

/** Some that Cilium keeps in identities, and some that it drops. */
const keys = ['app', 'tier', 'env', 'app', 'pod-template-hash', 'app.kubernetes.io/name'];
const values = ['a', 'b', 'c'];
const namespaceNames = ['n1', 'n2', 'n3'];
export const addresses = ['10.0.0.5', '10.0.1.9', '10.1.2.3', '192.168.7.7', '8.8.8.8', 'fd00::5', 'fd00:1::9'];
const blocks = [
  '10.0.0.0/8',
  '10.0.0.0/16',
  '10.0.1.0/24',
  '192.168.0.0/16',
  '0.0.0.0/0',
  '8.8.8.8/32',
  'fd00::/16',
  '::/0',
];
const holes: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0/8': ['10.1.0.0/16'],
  '10.0.0.0/16': ['10.0.1.0/24'],
  '0.0.0.0/0': ['10.0.0.0/8', '8.8.8.8/32'],
  '::/0': ['fd00::/16'],
};

const labels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 3 });
const selector: fc.Arbitrary<Selector> = fc.array(
  fc
    .record({
      key: fc.constantFrom(...keys),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
    })
    .map(
      ({ key, operator, values: named }) =>
        ({ key, operator, values: operator === 'In' || operator === 'NotIn' ? named : [] }) as Selector[number],
    ),
  { maxLength: 2 },
);
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const port: fc.Arbitrary<PortRule> = fc.oneof(
  fc
    .tuple(protocol, fc.constantFrom(80, 443, 1), fc.constantFrom(0, 1, 100))
    .map(([p, from, more]) => ({ protocol: p, from, to: from + more }) as PortRule),
  fc.tuple(protocol, fc.constantFrom('http', 'dns')).map(([p, name]) => ({ protocol: p, name }) as PortRule),
  protocol.map((p) => ({ protocol: p, from: 1, to: 65_535 }) as PortRule),
);
const ports = fc.option(fc.array(port, { minLength: 1, maxLength: 3 }), { nil: undefined });
const block = fc
  .constantFrom(...blocks)
  .chain((cidr) =>
    fc.subarray([...(holes[cidr] ?? [])]).map((except) => ({ kind: 'ip' as const, block: { cidr, except } })),
  );
const podPeer = fc.oneof(
  selector.map((pods) => ({ kind: 'pods' as const, pods })),
  fc.tuple(selector, selector).map(([namespaces, pods]) => ({ kind: 'pods' as const, namespaces, pods })),
  fc.constantFrom(...namespaceNames).map((name) => ({
    kind: 'pods' as const,
    namespaces: [{ key: 'kubernetes.io/metadata.name', operator: 'In' as const, values: [name] }],
    pods: [],
  })),
);
const rule: fc.Arbitrary<PolicyRule> = fc.record({
  peers: fc.option(fc.array(fc.oneof({ weight: 3, arbitrary: podPeer }, block), { minLength: 1, maxLength: 3 }), {
    nil: undefined,
  }),
  ports,
});
const rules = fc.option(fc.array(rule, { maxLength: 3 }), { nil: undefined });
const policy = fc.record({ namespace: fc.constantFrom(...namespaceNames), selector, ingress: rules, egress: rules });
const adminRule: fc.Arbitrary<AdminRule> = fc.record({
  name: fc.constant('r'),
  action: fc.constantFrom('Allow', 'Deny', 'Pass'),
  peers: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(selector, selector)
          .map(([namespaces, pods]) => ({ kind: 'pods' as const, namespaces, pods })),
      },
      { weight: 2, arbitrary: block },
      { weight: 1, arbitrary: fc.constant({ kind: 'unknown' as const }) },
    ),
    { minLength: 1, maxLength: 2 },
  ),
  ports,
});
const admin = fc.record({
  tier: fc.constantFrom('Admin', 'Baseline'),
  priority: fc.integer({ min: 0, max: 3 }),
  subject: fc.record({ namespaces: selector, pods: selector }),
  ingress: fc.array(adminRule, { maxLength: 2 }),
  egress: fc.array(adminRule, { maxLength: 2 }),
});
const pod = fc.record({
  namespace: fc.constantFrom(...namespaceNames),
  labels,
  ip: fc.option(fc.constantFrom(...addresses), { nil: undefined }),
  ports: fc.uniqueArray(
    fc.record({ name: fc.constantFrom('http', 'dns'), protocol, port: fc.constantFrom(80, 81, 53) }) as fc.Arbitrary<
      Pod['ports'][number]
    >,
    { maxLength: 2, selector: (p) => `${p.name}${p.protocol}` },
  ),
  hostNetwork: fc.constant(false),
});

const ciliumPeer: fc.Arbitrary<CiliumPeer> = fc.oneof(
  fc
    .tuple(fc.oneof(selector, fc.constantFrom(...namespaceNames)), selector)
    .map(([namespaces, pods]) => ({ kind: 'pods' as const, namespaces, pods })),
  block,
  fc.constantFrom({ kind: 'world' as const }, { kind: 'conditional' as const }),
);
const ciliumRules: fc.Arbitrary<readonly CiliumRule[]> = fc.array(
  fc
    .record({ peers: fc.option(fc.array(ciliumPeer, { maxLength: 2 }), { nil: undefined }), ports })
    .map((given) => ({ ...given, conditional: given.peers?.some((peer) => peer.kind === 'conditional') ?? false })),
  { maxLength: 2 },
);
const ciliumDirection = fc.record({ isolates: fc.boolean(), allows: ciliumRules, denies: ciliumRules });
const cilium = fc.record({
  subject: fc.record({ namespaces: fc.oneof(selector, fc.constantFrom(...namespaceNames)), pods: selector }),
  ingress: ciliumDirection,
  egress: ciliumDirection,
});

const calicoText = fc.constantFrom(
  'all()',
  "app == 'a'",
  "app != 'a'",
  "tier in {'a', 'b'}",
  "tier not in {'b'} && has(env)",
  "!has(app) || env starts with 'a'",
  "(app == 'b' || app == 'c') && tier contains 'c'",
  "projectcalico.org/namespace == 'n2'",
);
const calicoSelector = calicoText.map((text) => parseCalicoSelector(text, ''));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const nets = fc.array(
  fc.constantFrom(...blocks).map((cidr) => ({ cidr, except: [] })),
  { minLength: 1, maxLength: 2 },
);
const entity: fc.Arbitrary<CalicoEntity> = fc.record({
  selector: maybe(calicoSelector),
  not: maybe(calicoSelector),
  namespaces: maybe(
    fc.oneof(
      fc.constantFrom(...namespaceNames),
      fc.constantFrom("env == 'a'", 'has(app)').map((text) => parseCalicoSelector(text, '')),
    ),
  ),
  global: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  nets: maybe(nets),
  notNets: fc.oneof(fc.constant([]), nets),
});
const anything: CalicoEntity = {
  selector: undefined,
  not: undefined,
  namespaces: undefined,
  global: false,
  nets: undefined,
  notNets: [],
};
/** As the reader makes them: the ports of a rule are of its protocols. */
const ofProtocols = (rule: CalicoRule): CalicoRule => {
  const within = (list: readonly PortRule[]): readonly PortRule[] =>
    list.filter((port) => rule.protocols.includes(port.protocol));
  const own = rule.ports && within(rule.ports);
  return { ...rule, ports: own?.length === 0 ? undefined : own, notPorts: within(rule.notPorts) };
};
const rawCalicoRule: fc.Arbitrary<CalicoRule> = fc.record({
  action: fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'),
  ipVersion: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom(4 as const, 6 as const)),
  protocols: fc.constantFrom(['TCP', 'UDP', 'SCTP'], ['TCP'], ['UDP', 'SCTP']) as fc.Arbitrary<CalicoRule['protocols']>,
  ports,
  notPorts: fc.oneof(fc.constant([]), fc.array(port, { maxLength: 1 })),
  source: fc.oneof({ weight: 3, arbitrary: entity }, fc.constant(anything)),
  destination: fc.oneof(fc.constant(anything), entity),
  conditional: fc.constant(false),
});
const calicoRule = rawCalicoRule.map(ofProtocols);
const calico = fc.record({
  namespace: fc.constantFrom('', ...namespaceNames),
  tier: fc.constantFrom('default', 'security', 'later'),
  order: fc.constantFrom(10, 1_000, 2_000, Number.POSITIVE_INFINITY),
  subject: calicoSelector,
  ingress: maybe(fc.array(calicoRule, { maxLength: 3 })),
  egress: maybe(fc.array(calicoRule, { maxLength: 3 })),
});

/** Clusters with Cilium's own policies beside network policies. */
export const ciliumClusters = (): fc.Arbitrary<ClusterObjects> =>
  fc.tuple(clusters(false), fc.array(cilium, { minLength: 1, maxLength: 4 })).map(([objects, own]) => ({
    ...objects,
    ciliumPolicies: own.map((rest, i): CiliumPolicy => ({
      ...rest,
      group: 'cilium.io',
      kind: 'CiliumClusterwideNetworkPolicy',
      namespace: '',
      name: `c${i}`,
    })),
  }));

const networkSet: fc.Arbitrary<NetworkSet> = fc.record({
  namespace: fc.constantFrom('', ...namespaceNames),
  labels,
  nets,
});

/** Clusters with Calico's own policies and tiers beside network policies. */
export const calicoClusters = (): fc.Arbitrary<ClusterObjects> =>
  fc
    .tuple(
      clusters(false),
      fc.array(calico, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.array(networkSet, { maxLength: 3 }),
    )
    .map(([objects, own, passes, networkSets]) => ({
      ...objects,
      networkSets,
      calicoTiers: [
        { name: 'security', order: 100, passes },
        { name: 'default', order: 1_000_000, passes: false },
      ],
      calicoPolicies: own.map((rest, i): CalicoPolicy => ({
        ...rest,
        group: 'projectcalico.org',
        kind: rest.namespace === '' ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
        name: `g${i}`,
        subjectNamespaces: rest.namespace === '' ? undefined : rest.namespace,
      })),
    }));

/** @param withAdmin also admin policies of both tiers */
export const clusters = (withAdmin: boolean): fc.Arbitrary<ClusterObjects> =>
  fc
    .record({
      namespaceLabels: fc.array(labels, { minLength: 3, maxLength: 3 }),
      pods: fc.array(pod, { minLength: 2, maxLength: 7 }),
      policies: fc.array(policy, { maxLength: 5 }),
      adminPolicies: fc.array(admin, { maxLength: withAdmin ? 3 : 0 }),
    })
    .map(({ namespaceLabels, pods, policies, adminPolicies }) => ({
      ...noObjects,
      namespaces: namespaceNames.map((name, i) => ({
        name,
        labels: { ...namespaceLabels[i], 'kubernetes.io/metadata.name': name },
        annotations: {},
      })),
      pods: pods.map(({ ip, ...rest }, i): Pod => ({
        ...rest,
        name: `p${i}`,
        owner: { kind: 'Pod', name: `p${i}` },
        replicas: 1,
        ips: ip === undefined ? [] : [ip],
        finished: false,
      })),
      policies: policies.map((rest, i): NetworkPolicy => ({
        ...rest,
        group: 'networking.k8s.io',
        kind: 'NetworkPolicy',
        name: `np${i}`,
        annotations: {},
      })),
      adminPolicies: adminPolicies.map(
        (rest, i) =>
          ({
            ...rest,
            group: 'policy.networking.k8s.io',
            kind: 'ClusterNetworkPolicy',
            namespace: '',
            name: `anp${i}`,
          }) as AdminPolicy,
      ),
    }));

/** Ports at which generated rules begin, end, or just do not. */
export const interestingPorts = [1, 2, 53, 79, 80, 81, 101, 180, 443, 444, 543, 65_535];
