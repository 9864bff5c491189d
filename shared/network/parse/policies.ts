// Policies of every kind among raw objects, and what they refer to: tiers, sets and groups of addresses, redirects.
import type { AdminPolicy, CiliumPolicy, ClusterObjects, ObjectProblem, PolicyRef, PossibleReach } from '../objects.ts';
import { directions } from '../objects.ts';
import { adminReach, parseAdminPolicy } from './admin.ts';
import { calicoReach, parseCalicoPolicy, parseNetworkSet, parseTier } from './calico.ts';
import { isCalico, restored } from './calico-storage.ts';
import { ciliumReach, parseCiliumPolicies } from './cilium.ts';
import type { CidrGroups } from './cilium-groups.ts';
import type { Shape } from './fields.ts';
import { strayFields } from './fields.ts';
import type { Named } from './named.ts';
import { parseNetworkPolicy, policyReach } from './policy.ts';
import { attempt } from './raw.ts';
import { parseRedirect } from './redirects.ts';
import { shapes } from './shapes.ts';

type Kinds =
  | 'policies'
  | 'adminPolicies'
  | 'ciliumPolicies'
  | 'calicoPolicies'
  | 'calicoTiers'
  | 'networkSets'
  | 'redirects'
  | 'foreignPolicies';
type PolicyObjects = Pick<ClusterObjects, Kinds>;

/** Collects policies as they come. */
export interface PoliciesParser {
  /** @returns false when the object is of another kind */
  take(item: Named, ref: PolicyRef): boolean;
  readonly found: PolicyObjects;
}

/** Where what is read of one object goes. */
interface Reading {
  readonly found: { readonly [K in Kinds]: ClusterObjects[K][number][] };
  readonly groups: CidrGroups;
  readonly problems: ObjectProblem[];
  readonly notes: ObjectProblem[];
}
type Taker = (item: Named, ref: PolicyRef, reading: Reading) => void;

/** @param groups to which Cilium's policies refer @param problems takes what cannot be understood @param notes takes what is told of the rest */
export function createPoliciesParser(
  groups: CidrGroups,
  problems: ObjectProblem[],
  notes: ObjectProblem[],
): PoliciesParser {
  const found: Reading['found'] = {
    policies: [],
    adminPolicies: [],
    ciliumPolicies: [],
    calicoPolicies: [],
    calicoTiers: [],
    networkSets: [],
    redirects: [],
    foreignPolicies: [],
  };
  const reading: Reading = { found, groups, problems, notes };
  return {
    take(item, ref) {
      const key = `${item.kind} ${isCalico(item.group) ? CALICO : item.group}`;
      if (!Object.hasOwn(takers, key)) return false;
      takers[key]!(item, ref, reading);
      return true;
    },
    found,
  };
}

/** Reads a policy of which every field must be known. @param reach whom it may govern when it cannot be read */
function understand<T>(
  { problems, notes }: Reading,
  { raw }: Named,
  ref: PolicyRef,
  shape: Shape,
  parse: () => T,
  reach: () => readonly PossibleReach[],
): T | undefined {
  const read = (): T => {
    const told = strayFields(ref, raw, shape);
    const parsed = parse();
    notes.push(...told);
    return parsed;
  };
  return attempt(ref, problems, read, reach);
}

const takeNetworkPolicy: Taker = (item, ref, reading) => {
  const { raw, namespace, name } = item;
  const parse = () => parseNetworkPolicy(raw, namespace, name);
  const policy = understand(reading, item, ref, shapes.NetworkPolicy, parse, () => policyReach(raw, namespace));
  if (policy) reading.found.policies.push(policy);
};

const takeAdminPolicy =
  (kind: AdminPolicy['kind']): Taker =>
  (item, ref, reading) => {
    const { raw, name } = item;
    const parse = () => parseAdminPolicy(raw, kind, name);
    const policy = understand(reading, item, ref, shapes[kind], parse, () => adminReach(raw));
    if (policy) reading.found.adminPolicies.push(policy);
  };

const takeCiliumPolicy =
  (kind: CiliumPolicy['kind']): Taker =>
  (item, ref, reading) => {
    const { raw, namespace, name } = item;
    const parse = () => parseCiliumPolicies(raw, kind, namespace, name, reading.groups);
    const reach = () => ciliumReach(raw, kind, namespace);
    for (const policy of understand(reading, item, ref, shapes.cilium, parse, reach) ?? [])
      reading.found.ciliumPolicies.push(policy);
    reading.found.foreignPolicies.push({ ...ref, family: 'cilium' });
  };

/** @param own the namespace of the policy; undefined for one that is global */
const takeCalicoPolicy =
  (own: (item: Named) => string | undefined): Taker =>
  (item, ref, reading) => {
    const { raw, group, name } = item;
    const parse = () => parseCalicoPolicy(restored(raw, group), group, own(item), name);
    const policy = understand(reading, item, ref, shapes.calico, parse, () => calicoReach(raw, own(item)));
    if (policy) reading.found.calicoPolicies.push(policy);
    reading.found.foreignPolicies.push({ ...ref, family: 'calico' });
  };

/** A tier or a set may decide about any pod that some policy governs. */
const anybody = (): readonly PossibleReach[] => [{ namespaces: undefined, pods: [], directions }];

const takeTier: Taker = ({ raw, name }, ref, { found, problems }) => {
  const tier = attempt(ref, problems, () => parseTier(raw, name), anybody);
  if (tier) found.calicoTiers.push(tier);
};

/** @param own the namespace of the set; empty for one that is global */
const takeNetworkSet =
  (own: (item: Named) => string): Taker =>
  (item, ref, { found, problems }) => {
    const set = attempt(ref, problems, () => parseNetworkSet(restored(item.raw, item.group), own(item)), anybody);
    if (set) found.networkSets.push(set);
  };

const takeRedirect: Taker = ({ raw, namespace, name }, ref, { found, problems }) => {
  const redirect = attempt(ref, problems, () => parseRedirect(raw, namespace, name));
  if (redirect) found.redirects.push(redirect);
};

/** Stands for both of Calico's groups. */
const CALICO = 'calico';

/** By kind and group. */
const takers: Readonly<Record<string, Taker>> = {
  'NetworkPolicy networking.k8s.io': takeNetworkPolicy,
  'AdminNetworkPolicy policy.networking.k8s.io': takeAdminPolicy('AdminNetworkPolicy'),
  'BaselineAdminNetworkPolicy policy.networking.k8s.io': takeAdminPolicy('BaselineAdminNetworkPolicy'),
  'ClusterNetworkPolicy policy.networking.k8s.io': takeAdminPolicy('ClusterNetworkPolicy'),
  'CiliumNetworkPolicy cilium.io': takeCiliumPolicy('CiliumNetworkPolicy'),
  'CiliumClusterwideNetworkPolicy cilium.io': takeCiliumPolicy('CiliumClusterwideNetworkPolicy'),
  'CiliumLocalRedirectPolicy cilium.io': takeRedirect,
  [`NetworkPolicy ${CALICO}`]: takeCalicoPolicy(({ namespace }) => namespace),
  [`GlobalNetworkPolicy ${CALICO}`]: takeCalicoPolicy(() => undefined),
  [`Tier ${CALICO}`]: takeTier,
  [`NetworkSet ${CALICO}`]: takeNetworkSet(({ namespace }) => namespace),
  [`GlobalNetworkSet ${CALICO}`]: takeNetworkSet(() => ''),
};
