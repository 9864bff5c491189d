// What one policy admits by itself, computed by the engine: so that it does not matter in which words it says so.
import { narrows } from './calico.ts';
import type { Connectivity } from './compile.ts';
import { blocksOf, cutAtoms } from './compile.ts';
import type { AnyPolicy, Governing } from './governing.ts';
import { noPolicies } from './governing.ts';
import { allIpv4, allIpv6 } from './ip.ts';
import type { CalicoEntity, CalicoPolicy, CalicoSelector, CiliumPeer, Direction, Namespace, Peer } from './objects.ts';
import { NONE } from './port-sets.ts';
import type { SupposedPod } from './suppose.ts';
import { strangeNamespace, suppose } from './suppose.ts';

/** Sets of ports: towards the pods asked about, in their order, and towards the address ranges. */
export interface Admitted {
  readonly pods: readonly number[];
  readonly atoms: readonly number[];
}

/**
 * @param self a pod that the policy selects
 * @param others the pods to ask about
 * @returns what the policy would admit if it were the only one
 */
export function admittedBy(
  net: Connectivity,
  policy: AnyPolicy,
  direction: Direction,
  self: SupposedPod,
  others: readonly SupposedPod[],
): Admitted {
  const side = suppose(net, direction, alone(policy, direction, self.namespace ?? strangeNamespace), [self, ...others]);
  const sets = [...side.rows[side.rowOf[0]!]!];
  return { pods: sets.slice(1, 1 + others.length), atoms: sets.slice(1 + others.length) };
}

/**
 * @returns true when the policy admits everyone on every port: all addresses of a family; of an admin policy, which for ingress knows only
 * pods, also all pods. Every port is every one of TCP and UDP: hardly any pod speaks SCTP.
 */
export function admitsEveryone(net: Connectivity, policy: AnyPolicy, direction: Direction): boolean {
  if (!mayAdmitAddresses(policy, direction)) return false;
  const self = { namespace: { ...strangeNamespace, name: policy.namespace || 'own' }, labels: {}, atoms: [] };
  const whole = forAnyPod(policy, direction);
  const atoms = cutAtoms(blocksOf(alone(whole, direction, self.namespace), net.objects.networkSets));
  const admitted = admittedBy({ ...net, atoms }, whole, direction, self, [{ labels: {}, atoms: [] }]);
  const { ports } = net;
  const every = ports.union(ports.range('TCP', 1, 65_535), ports.range('UDP', 1, 65_535));
  const isEvery = (set: number): boolean => ports.subtract(every, set) === NONE;
  const covers = (family: typeof allIpv4): boolean => {
    const inside = admitted.atoms.filter((_, atom) => atoms[atom]!.from >= family.from && atoms[atom]!.to <= family.to);
    return inside.length > 0 && inside.every(isEvery);
  };
  return covers(allIpv4) || covers(allIpv6) || ('priority' in policy && admitted.pods.every(isEvery));
}

/** Most policies name pods alone: they are not worth an evaluation. */
function mayAdmitAddresses(policy: AnyPolicy, direction: Direction): boolean {
  if ('subjectNamespaces' in policy || 'priority' in policy) return true;
  const rules: readonly { readonly peers: readonly (Peer | CiliumPeer)[] | undefined }[] =
    'selector' in policy ? (policy[direction] ?? []) : policy[direction].allows;
  return rules.some(({ peers }) => peers === undefined || peers.some(({ kind }) => kind === 'ip' || kind === 'world'));
}

/** The policy as the only one, selecting the pod, which it closes but for what it admits. */
function alone(policy: AnyPolicy, direction: Direction, { name: namespace }: Namespace): Governing {
  const subject = { namespaces: [], pods: [] };
  if ('subjectNamespaces' in policy) return { ...noPolicies, calico: [aloneInTier(policy, direction)] };
  if ('priority' in policy)
    return { ...noPolicies, admin: [{ ...policy, tier: 'Admin', subject }], policies: [{ ...closed, namespace }] };
  if ('selector' in policy)
    return { ...noPolicies, policies: [{ ...policy, selector: [], [direction]: policy[direction] ?? [] }] };
  return { ...noPolicies, cilium: [{ ...policy, subject, [direction]: { ...policy[direction], isolates: true } }] };
}

/** It selects every pod and allows nothing. */
export const closed = {
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  namespace: '',
  name: '',
  selector: [],
  ingress: [],
  egress: [],
  annotations: {},
} as const;

const everything: CalicoSelector = { matches: () => true, keys: new Map(), text: 'all()' };

/** The default tier denies what is left; what a rule passes on, this policy does not admit. */
const aloneInTier = (policy: CalicoPolicy, direction: Direction): CalicoPolicy => ({
  ...policy,
  tier: 'default',
  subject: everything,
  subjectNamespaces: undefined,
  [direction]: (policy[direction] ?? []).map((rule) => (rule.action === 'Pass' ? { ...rule, action: 'Deny' } : rule)),
});

/** Calico's rules may narrow their own side: what one admits for some of the pods, it admits; what it denies for some, others still get. */
function forAnyPod(policy: AnyPolicy, direction: Direction): AnyPolicy {
  if (!('subjectNamespaces' in policy)) return policy;
  const own = direction === 'ingress' ? 'destination' : 'source';
  const widened = policy[direction]
    ?.filter((rule) => rule.action === 'Allow' || !narrows(rule[own]))
    .map((rule) => ({ ...rule, [own]: anybody }));
  return { ...policy, [direction]: widened };
}

const anybody: CalicoEntity = {
  selector: undefined,
  not: undefined,
  namespaces: undefined,
  global: false,
  nets: undefined,
  notNets: [],
};
