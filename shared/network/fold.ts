// Folding: what the policies that select a class let through, column by column.
import type { CalicoLookup } from './calico.ts';
import { KUBERNETES_ORDER, calicoPorts, compareOrder, isDefaultTier, orderName, tiersOf } from './calico.ts';
import type { Governing, PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type { EngineProfile } from './engines.ts';
import type {
  AdminRule,
  CalicoRule,
  CiliumPeer,
  CiliumRule,
  ClusterObjects,
  Direction,
  Peer,
  PolicyRule,
  PortRule,
} from './objects.ts';
import { ALL, NONE } from './port-sets.ts';
import type { PortSets } from './port-sets.ts';

/** Calico evaluates the two tiers of admin policies at these orders (libcalico-go, conversion of ClusterNetworkPolicy). */
const ADMIN_ORDERS = { Admin: 1_000, Baseline: 10_000_000 };

const MANY_PARTS = 100;

export interface SideParts {
  readonly objects: ClusterObjects;
  readonly profile: EngineProfile;
  readonly governing: Governing;
  readonly classes: readonly PodClass[];
  readonly ports: PortSets;
  readonly columns: Columns;
}

/** What one rule adds: these columns, on these ports. */
export interface Part {
  readonly columns: readonly number[];
  readonly ports: number | ((column: number) => number);
  /** The same for parts that add the same. */
  readonly key: string;
}

/** Everything that policies of any kind but admin ones say about a class in one direction. */
export interface Parts {
  /** What is not allowed is denied. */
  readonly isolated: boolean;
  readonly allows: readonly Part[];
  readonly denies: readonly Part[];
}

/** @returns what makes the row of a class from the policies that select it; a row is valid until the next call */
export function createFold(
  direction: Direction,
  { objects, governing, classes, ports, columns }: SideParts,
  lookup: CalicoLookup | undefined,
) {
  const { policies, admin: adminPolicies, cilium, calico } = governing;
  const allow = new Uint16Array(columns.count);
  const open = new Uint16Array(columns.count);
  const passed = new Uint16Array(columns.count);

  /** The ports of a rule towards a column; a name means what the destination calls so. */
  const portsFor = (
    rule: { ports: readonly PortRule[] | undefined },
    self: PodClass,
  ): number | ((column: number) => number) => {
    if (rule.ports === undefined) return ALL;
    const names = rule.ports.flatMap((port) => ('name' in port ? [port] : []));
    const fixed = ports.ranges(rule.ports.flatMap((port) => ('name' in port ? [] : [port])));
    if (names.length === 0) return fixed;
    const resolve = (destination: PodClass | undefined): number =>
      (destination?.ports ?? []).reduce(
        (sum, port) =>
          names.some(({ name, protocol }) => name === port.name && protocol === port.protocol)
            ? ports.union(sum, ports.range(port.protocol, port.port, port.port))
            : sum,
        fixed,
      );
    if (direction === 'ingress') return resolve(self);
    return (column) => resolve(classes[column]);
  };
  const columnsOf = (peer: Peer, namespace: string): readonly number[] =>
    peer.kind === 'ip' ? columns.block(peer.block) : columns.pods(peer.namespaces ?? namespace, peer.pods);

  const identities = new Map<readonly number[], number>();
  const identityOf = (list: readonly number[]): number => {
    const known = identities.get(list) ?? identities.size;
    identities.set(list, known);
    return known;
  };
  const known = new Map<object, readonly Part[]>();
  const ruleParts = (
    rule: { readonly ports: readonly PortRule[] | undefined },
    lists: () => readonly (readonly number[])[],
    self: PodClass,
  ): readonly Part[] => {
    const cached = known.get(rule);
    if (cached) return cached;
    const given = portsFor(rule, self);
    if (given === NONE) return [];
    // Ports by name differ from destination to destination: such a part is like no other but the same rule's.
    const name = typeof given === 'number' ? String(given) : `f${known.size}`;
    const parts = lists().map((list): Part => ({ columns: list, ports: given, key: `${identityOf(list)}:${name}` }));
    const byName = direction === 'ingress' && rule.ports?.some((port) => 'name' in port);
    if (!byName) known.set(rule, parts);
    return parts;
  };
  const policyParts = (rule: PolicyRule, namespace: string, self: PodClass): readonly Part[] =>
    ruleParts(rule, () => rule.peers?.map((peer) => columnsOf(peer, namespace)) ?? [columns.all], self);

  const world = columns.all.filter((column) => !classes[column]?.labelled);
  const ciliumColumns = (peer: CiliumPeer): readonly number[] => {
    if (peer.kind === 'pods') return columns.pods(peer.namespaces, peer.pods);
    return peer.kind === 'ip' ? columns.block(peer.block) : peer.kind === 'world' ? world : [];
  };
  /** What is decided only at run time allows nothing for certain; a denial of it denies nothing for certain either. */
  const ciliumParts = (rule: CiliumRule, self: PodClass): readonly Part[] =>
    rule.conditional ? [] : ruleParts(rule, () => rule.peers?.map(ciliumColumns) ?? [columns.all], self);

  const collect = (self: PodClass, selected: readonly number[], own: readonly number[]): Parts => {
    const sections = own.map((index) => cilium[index]![direction]);
    return {
      isolated: selected.length > 0 || sections.some((section) => section.isolates),
      allows: [
        ...selected.flatMap((index) => {
          const policy = policies[index]!;
          return (policy[direction] ?? []).flatMap((rule) => policyParts(rule, policy.namespace, self));
        }),
        ...sections.flatMap((section) => section.allows.flatMap((rule) => ciliumParts(rule, self))),
      ],
      denies: sections.flatMap((section) => section.denies.flatMap((rule) => ciliumParts(rule, self))),
    };
  };

  const applyAdminRule = (rule: AdminRule, self: PodClass): void => {
    const strange = rule.peers.some((peer) => peer.kind === 'unknown');
    const failsClosed = strange && rule.action !== 'Allow';
    const given = failsClosed ? ALL : portsFor(rule, self);
    const lists = failsClosed
      ? [columns.all]
      : rule.peers.map((peer) =>
          peer.kind === 'unknown' || peer.kind === 'names'
            ? []
            : peer.kind === 'ip'
              ? columns.block(peer.block)
              : columns.pods(peer.namespaces, peer.pods),
        );
    for (const list of lists)
      for (const column of list) {
        const set = ports.intersect(open[column]!, typeof given === 'number' ? given : given(column));
        if (set === NONE) continue;
        open[column] = ports.subtract(open[column]!, set);
        if (rule.action === 'Allow') allow[column] = ports.union(allow[column]!, set);
        if (rule.action === 'Pass' && !failsClosed) passed[column] = ports.union(passed[column]!, set);
      }
  };

  /** First match wins; what was passed goes on to the next tier. */
  const applyTier = (tier: 'Admin' | 'Baseline', admin: readonly number[], self: PodClass): void => {
    if (admin.length === 0) return;
    passed.fill(NONE);
    for (const index of admin) {
      const policy = adminPolicies[index]!;
      if (policy.tier === tier) for (const rule of policy[direction]) applyAdminRule(rule, self);
    }
    for (let i = 0; i < open.length; i++) open[i] = ports.union(open[i]!, passed[i]!);
  };

  /** Thousands of rules on the same peers are one: adding them one by one would make a set of ports of every step. */
  const joinParts = (parts: readonly Part[]): readonly Pick<Part, 'columns' | 'ports'>[] => {
    if (parts.length <= MANY_PARTS) return parts;
    const named = parts.filter((part) => typeof part.ports !== 'number');
    const fixed = parts.flatMap(({ columns: list, ports: given }) =>
      typeof given === 'number' ? [{ list, given }] : [],
    );
    const joined = [...Map.groupBy(fixed, ({ list }) => list)].map(([list, group]) => ({
      columns: list,
      ports: ports.unionOf(group.map(({ given }) => given)),
    }));
    return [...joined, ...named];
  };

  const addParts = (parts: readonly Part[], everythingOpen: boolean): void => {
    for (const { columns: list, ports: given } of joinParts(parts))
      for (const column of list) {
        const set = typeof given === 'number' ? given : given(column);
        const within = everythingOpen ? set : ports.intersect(open[column]!, set);
        const before = allow[column]!;
        if (before !== within) allow[column] = before === NONE ? within : ports.union(before, within);
      }
  };

  /** A denial wins over every allowance. */
  const deny = (parts: readonly Part[]): void => {
    for (const { columns: list, ports: given } of joinParts(parts))
      for (const column of list)
        allow[column] = ports.subtract(allow[column]!, typeof given === 'number' ? given : given(column));
  };

  const row = (self: PodClass, { isolated, allows, denies }: Parts, admin: readonly number[]): Uint16Array => {
    allow.fill(NONE);
    if (admin.length === 0) {
      if (isolated) addParts(allows, true);
      else allow.fill(ALL);
      deny(denies);
      return allow;
    }
    open.fill(ALL);
    applyTier('Admin', admin, self);
    // A policy that selects a pod decides: what none of its rules let through is closed, and no later tier is asked.
    if (isolated) {
      addParts(allows, false);
      return allow;
    }
    applyTier('Baseline', admin, self);
    for (let i = 0; i < allow.length; i++) allow[i] = ports.union(allow[i]!, open[i]!);
    return allow;
  };

  const applyCalicoRule = (rule: CalicoRule, index: number): void => {
    const [own, peer] = direction === 'ingress' ? [rule.destination, rule.source] : [rule.source, rule.destination];
    // A rule that depends on run time decides nothing for certain; one that narrows its own side to others is not for this pod.
    if (rule.action === 'Log' || rule.conditional || !lookup!.isSelf(own, index)) return;
    const { ports: given, notPorts } = calicoPorts(rule);
    const wanted = portsFor({ ports: given }, classes[index]!);
    const unwanted = notPorts.length === 0 ? NONE : portsFor({ ports: notPorts }, classes[index]!);
    const at = (value: number | ((column: number) => number), column: number): number =>
      typeof value === 'number' ? value : value(column);
    const carries = lookup!.carries(rule, index);
    for (const column of lookup!.columnsOf(peer)) {
      if (!carries(column)) continue;
      const set = ports.intersect(open[column]!, ports.subtract(at(wanted, column), at(unwanted, column)));
      if (set === NONE) continue;
      open[column] = ports.subtract(open[column]!, set);
      if (rule.action === 'Allow') allow[column] = ports.union(allow[column]!, set);
      if (rule.action === 'Pass') passed[column] = ports.union(passed[column]!, set);
    }
  };

  const tierOrder = tiersOf(objects);
  /** Admin policies stand in tiers of their own, at the orders that Calico gives them; after the last tier everything is allowed. */
  const tiers = (
    index: number,
    selected: readonly number[],
    admin: readonly number[],
    tiered: readonly number[],
  ): Uint16Array => {
    const self = classes[index]!;
    allow.fill(NONE);
    open.fill(ALL);
    const adminTiers: ('Admin' | 'Baseline')[] = ['Admin', 'Baseline'];
    for (const tier of tierOrder) {
      while (adminTiers.length > 0 && tier.order > ADMIN_ORDERS[adminTiers[0]!])
        applyTier(adminTiers.shift()!, admin, self);
      const entries = [
        ...tiered
          .map((i) => calico[i]!)
          .filter((policy) => policy.tier === tier.name)
          .map((policy) => ({
            order: policy.order,
            name: orderName(policy),
            run: () => policy[direction]!.forEach((rule) => applyCalicoRule(rule, index)),
          })),
        ...(isDefaultTier(tier) ? selected.map((i) => policies[i]!) : []).map((policy) => ({
          order: KUBERNETES_ORDER,
          name: orderName(policy),
          run: () => (policy[direction] ?? []).forEach((rule) => settle(policyParts(rule, policy.namespace, self))),
        })),
      ].toSorted((a, b) => compareOrder(a.order, b.order) || (a.name < b.name ? -1 : 1));
      if (entries.length === 0) continue;
      passed.fill(NONE);
      for (const entry of entries) entry.run();
      for (let i = 0; i < open.length; i++) open[i] = tier.passes ? ports.union(open[i]!, passed[i]!) : passed[i]!;
    }
    for (const tier of adminTiers) applyTier(tier, admin, self);
    for (let i = 0; i < allow.length; i++) allow[i] = ports.union(allow[i]!, open[i]!);
    return allow;
  };

  /** Allows what is still open, and decides it. */
  const settle = (parts: readonly Part[]): void => {
    for (const { columns: list, ports: given } of parts)
      for (const column of list) {
        const set = ports.intersect(open[column]!, typeof given === 'number' ? given : given(column));
        allow[column] = ports.union(allow[column]!, set);
        open[column] = ports.subtract(open[column]!, set);
      }
  };
  return { parts: collect, row, tiers };
}
