// What each engine does with a policy: enforce it as written, enforce less of it, or ignore it.
import { asSeenByCilium } from './cilium-labels.ts';
import type {
  AdminPolicy,
  CalicoPolicy,
  CalicoRule,
  NetworkPolicy,
  Peer,
  Platform,
  Pod,
  PolicyRef,
  PolicyRule,
  Requirement,
  Selector,
} from './objects.ts';

export interface EngineProfile {
  readonly engine: 'azure' | 'calico' | 'cilium' | 'none';
  /** Pods are taken to be on Windows where nothing says otherwise; there NPM drops what it cannot express. */
  readonly windows?: boolean;
  /** `1.31`: Cilium of clusters before 1.32 ignores endPort. */
  readonly kubernetes?: readonly [number, number];
}

/** The specification's own meaning, which Calico implements for networking.k8s.io. */
export const specification: EngineProfile = { engine: 'calico' };

export interface Inert {
  readonly ref: PolicyRef;
  readonly reason: string;
}

/** Cilium never matches pods or nodes by address (AKS, "Migrate from NPM to Cilium"). */
export const ipBlocksCoverPods = (profile: EngineProfile): boolean => profile.engine !== 'cilium';

/** @returns where a pod runs, or where pods of the cluster usually do when nothing says */
export const platformIn = ({ windows }: EngineProfile, { platform }: Pick<Pod, 'platform'>): Platform =>
  platform ?? (windows ? 'windows' : 'linux');

/**
 * Whether the engine enforces anything there: no engine does behind virtual nodes (AKS, virtual nodes: "Kubernetes network
 * policies" are among what is not supported), and Cilium runs on Linux only (AKS, Azure CNI powered by Cilium). Without an
 * engine no place differs from another.
 */
export const runsOn = ({ engine }: EngineProfile, platform: Platform): boolean =>
  engine === 'none' || platform === 'linux' || (platform === 'windows' && engine !== 'cilium');

/** @returns the systems of the nodes that an engine has pods to govern on */
export function systemsIn(pods: readonly Pod[], profile: EngineProfile): ReadonlySet<Platform> {
  const found = new Set(pods.map((pod) => platformIn(profile, pod)).filter((platform) => runsOn(profile, platform)));
  return found.size > 0 ? found : new Set([platformIn(profile, {})]);
}

/** @returns the policy as this engine enforces it: once where all nodes do the same, else once for each system; or why it does nothing */
export function enforced(
  policy: NetworkPolicy,
  profile: EngineProfile,
  systems: ReadonlySet<Platform>,
): readonly NetworkPolicy[] | Inert {
  const [own, ...others] = [...systems].map((system) => {
    const windows = system === 'windows';
    return { on: windows ? 'windows' : 'linux', outcome: enforcedOn(policy, { ...profile, windows }) } as const;
  });
  if (others.length === 0) return 'reason' in own!.outcome ? own!.outcome : [own!.outcome];
  const held = [own!, ...others].flatMap(({ on, outcome }) => ('reason' in outcome ? [] : [{ ...outcome, on }]));
  if (held.length === 0) return own!.outcome as Inert;
  const same = held.length > 1 && held.every((one) => rulesText(one) === rulesText(held[0]!));
  const { on: _on, ...everywhere } = held[0]!;
  return same ? [everywhere] : held;
}

const rulesText = ({ ingress, egress }: NetworkPolicy): string => JSON.stringify([ingress, egress]);

/** @returns the Calico policy as it is enforced: once where all nodes do the same, else once for each system */
export function calicoEnforced(policy: CalicoPolicy, systems: ReadonlySet<Platform>): readonly CalicoPolicy[] {
  const cut = onCalicoWindows(policy);
  const isSame = cut.ingress?.length === policy.ingress?.length && cut.egress?.length === policy.egress?.length;
  if (isSame || !systems.has('windows')) return [policy];
  return systems.has('linux')
    ? [
        { ...policy, on: 'linux' },
        { ...cut, on: 'windows' },
      ]
    : [cut];
}

function enforcedOn(policy: NetworkPolicy, profile: EngineProfile): NetworkPolicy | Inert {
  const inert = (reason: string): Inert => ({ ref: policy, reason });
  if (profile.engine === 'none') return inert('no engine is on');
  if (profile.engine === 'azure') {
    if (speaksIpv6(policy)) return inert('NPM does not support IPv6 and drops the whole policy');
    const construct = profile.windows ? windowsConstruct(policy) : undefined;
    if (construct) return inert(`NPM on Windows does not support ${construct} and drops the whole policy`);
  }
  if (profile.engine === 'calico' && profile.windows) return networkPolicyOnWindows(policy);
  if (profile.engine !== 'cilium') return policy;
  const whole = asSeenByCilium(withUnlisted(policy));
  return isBefore(profile.kubernetes, 1, 32) ? withoutEndPorts(whole) : whole;
}

/** Cilium's parser takes rules of a direction that policyTypes does not list (cilium, pkg/k8s/network_policy.go). */
const withUnlisted = (policy: NetworkPolicy): NetworkPolicy =>
  policy.unlisted ? { ...policy, [policy.unlisted.direction]: policy.unlisted.rules } : policy;

/** Calico on Windows skips rules with negative matches, named ports and IPv6 (felix, dataplane/windows/policysets). */
function networkPolicyOnWindows(policy: NetworkPolicy): NetworkPolicy {
  const knows = (peer: Peer): boolean =>
    peer.kind !== 'ip' || (peer.block.except.length === 0 && !peer.block.cidr.includes(':'));
  // Calico makes a rule of every peer and protocol, so that each is skipped alone.
  const cut = (rules: readonly PolicyRule[] | undefined): readonly PolicyRule[] | undefined =>
    rules?.flatMap((rule) => {
      const named = new Set(rule.ports?.flatMap((port) => ('name' in port ? [port.protocol] : [])));
      const ports = rule.ports?.filter((port) => !named.has(port.protocol));
      const peers = rule.peers?.filter(knows);
      return ports?.length === 0 || peers?.length === 0 ? [] : [{ peers, ports }];
    });
  return { ...policy, ingress: cut(policy.ingress), egress: cut(policy.egress) };
}

function onCalicoWindows(policy: CalicoPolicy): CalicoPolicy {
  const knows = (rule: CalicoRule): boolean =>
    !rule.negatesProtocol &&
    rule.notPorts.length === 0 &&
    !rule.ports?.some((port) => 'name' in port) &&
    [rule.source, rule.destination].every(
      ({ not, nets, notNets }) =>
        not === undefined && notNets.length === 0 && !nets?.every(({ cidr }) => cidr.includes(':')),
    );
  return { ...policy, ingress: policy.ingress?.filter(knows), egress: policy.egress?.filter(knows) };
}

/** API groups of policies that only some engines know, with those that do. */
const ENGINES_OF_GROUP: Readonly<Record<string, readonly EngineProfile['engine'][]>> = {
  'cilium.io': ['cilium'],
  'projectcalico.org': ['calico'],
  'crd.projectcalico.org': ['calico'],
  'policy.networking.k8s.io': ['calico'],
};

/** @returns whether the engine does anything with policies of this API group */
export const knowsGroup = (engine: EngineProfile['engine'], group: string): boolean =>
  engine !== 'none' && (ENGINES_OF_GROUP[group] ?? [engine]).includes(engine);

/** @returns the reason why this engine ignores admin policies, if it does */
export function adminInert(policy: AdminPolicy, profile: EngineProfile): Inert | undefined {
  if (profile.engine === 'calico') return undefined;
  const who = {
    none: 'no engine is on',
    azure: 'NPM does not enforce this kind',
    cilium: 'Cilium on AKS does not enforce this kind',
  };
  return { ref: policy, reason: who[profile.engine] };
}

const rulesOf = (policy: NetworkPolicy): readonly PolicyRule[] => [...(policy.ingress ?? []), ...(policy.egress ?? [])];
const blocksOf = (policy: NetworkPolicy) =>
  rulesOf(policy)
    .flatMap((rule) => rule.peers ?? [])
    .flatMap((peer) => (peer.kind === 'ip' ? [peer.block] : []));
const isNegative = ({ operator }: Requirement): boolean => operator === 'NotIn' || operator === 'DoesNotExist';

const speaksIpv6 = (policy: NetworkPolicy): boolean => blocksOf(policy).some((block) => block.cidr.includes(':'));

/** @returns what NPM on Windows cannot express in a policy, named; undefined when it can express all of it */
export function windowsConstruct(policy: NetworkPolicy): string | undefined {
  const ports = rulesOf(policy).flatMap((rule) => rule.ports ?? []);
  const selectors: Selector[] = [
    policy.selector,
    ...rulesOf(policy)
      .flatMap((rule) => rule.peers ?? [])
      .flatMap((peer) => (peer.kind === 'pods' ? [peer.pods, peer.namespaces ?? []] : [])),
  ];
  if (ports.some((port) => 'name' in port)) return 'named ports';
  if (ports.some((port) => port.protocol === 'SCTP')) return 'SCTP';
  if (selectors.some((selector) => selector.some(isNegative))) return 'negative selectors';
  if (blocksOf(policy).some((block) => block.except.length > 0)) return 'exceptions of an ipBlock';
  return undefined;
}

function withoutEndPorts(policy: NetworkPolicy): NetworkPolicy {
  const cut = (rules: readonly PolicyRule[] | undefined): readonly PolicyRule[] | undefined =>
    rules?.map((rule) => ({
      ...rule,
      ports: rule.ports?.map((port) =>
        'from' in port && port.to > port.from && !(port.from === 1 && port.to === 65_535)
          ? { ...port, to: port.from }
          : port,
      ),
    }));
  return { ...policy, ingress: cut(policy.ingress), egress: cut(policy.egress) };
}

const isBefore = (version: readonly [number, number] | undefined, major: number, minor: number): boolean =>
  version !== undefined && (version[0] < major || (version[0] === major && version[1] < minor));
