// One direction of a cluster: for every class, what its policies let through, column by column.
import type { PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type { AdminPolicy, AdminRule, NetworkPolicy, Peer, PolicyRule, PortRule } from './objects.ts';
import type { PortSets } from './port-sets.ts';
import { ALL, NONE } from './port-sets.ts';

export type Direction = 'ingress' | 'egress';
export const directions: readonly Direction[] = ['ingress', 'egress'];

export interface Side {
  /** Distinct rows: a port set per column, classes first, then address ranges. */
  readonly rows: readonly Uint16Array[];
  /** The row of each class; -1 where nothing restricts it. */
  readonly rowOf: Int32Array;
  /** NetworkPolicies that select each class in this direction, as indices. */
  readonly selectedBy: readonly (readonly number[])[];
  /** Admin policies that select each class in this direction, as indices, in the order they are evaluated. */
  readonly adminBy: readonly (readonly number[])[];
}

export interface SideParts {
  readonly policies: readonly NetworkPolicy[];
  readonly adminPolicies: readonly AdminPolicy[];
  readonly classes: readonly PodClass[];
  readonly ports: PortSets;
  readonly columns: Columns;
}

export function compileSide(direction: Direction, parts: SideParts): Side {
  const { policies, adminPolicies, classes, columns } = parts;
  const selectedBy: number[][] = classes.map(() => []);
  for (const [index, policy] of policies.entries()) {
    if (policy[direction] === undefined) continue;
    for (const c of columns.pods(policy.namespace, policy.selector)) selectedBy[c]!.push(index);
  }
  const adminBy: number[][] = classes.map(() => []);
  const order = adminPolicies
    .map((policy, index) => ({ policy, index }))
    .filter(({ policy }) => policy[direction].length > 0)
    .toSorted((a, b) => a.policy.priority - b.policy.priority || (a.policy.name < b.policy.name ? -1 : 1));
  for (const { policy, index } of order)
    for (const c of columns.pods(policy.subject.namespaces, policy.subject.pods)) adminBy[c]!.push(index);

  const fold = createFold(direction, parts);
  const rows: Uint16Array[] = [];
  const byContent = new Map<number, number[]>();
  const byProfile = new Map<string, number>();
  const bySum = new Map<string, number>();
  const rowOf = new Int32Array(classes.length).fill(-1);
  for (const [index, c] of classes.entries()) {
    const selected = selectedBy[index]!;
    const admin = adminBy[index]!;
    if (selected.length === 0 && admin.length === 0) continue;
    const named = direction === 'ingress' ? c.ports.map((p) => `${p.name}${p.protocol}${p.port}`).join() : '';
    const profile = `${selected.join()}|${admin.join()}|${named}`;
    let row = byProfile.get(profile);
    if (row === undefined) {
      const parts = fold.parts(c, selected);
      // Without admin policies the row is the sum of its parts: profiles with the same parts share it unseen.
      const sum = admin.length > 0 ? undefined : partsKey(parts);
      row = sum === undefined ? undefined : bySum.get(sum);
      row ??= internRow(fold.row(c, selected.length > 0, parts, admin), rows, byContent);
      if (sum !== undefined) bySum.set(sum, row);
      byProfile.set(profile, row);
    }
    rowOf[index] = row;
  }
  return { rows, rowOf, selectedBy, adminBy };
}

/** What one rule adds: these columns, on these ports. */
interface Part {
  readonly columns: readonly number[];
  readonly ports: number | ((column: number) => number);
  /** The same for parts that add the same. */
  readonly key: string;
}

const partsKey = (parts: readonly Part[]): string => [...new Set(parts.map((part) => part.key))].toSorted().join(' ');

function internRow(row: Uint16Array, rows: Uint16Array[], byContent: Map<number, number[]>): number {
  let hash = 2_166_136_261;
  for (const value of row) hash = Math.imul(hash ^ value, 16_777_619);
  const candidates = byContent.get(hash) ?? [];
  const known = candidates.find((index) => {
    const other = rows[index]!;
    for (let i = 0; i < row.length; i++) if (row[i] !== other[i]) return false;
    return true;
  });
  if (known !== undefined) return known;
  rows.push(row.slice());
  byContent.set(hash, [...candidates, rows.length - 1]);
  return rows.length - 1;
}

/** @returns what makes the row of a class from the policies that select it; a row is valid until the next call */
function createFold(direction: Direction, { policies, adminPolicies, classes, ports, columns }: SideParts) {
  const allow = new Uint16Array(columns.count);
  const open = new Uint16Array(columns.count);
  const passed = new Uint16Array(columns.count);

  /** The ports of a rule towards a column; a name means what the destination calls so. */
  const portsFor = (
    rule: { ports: readonly PortRule[] | undefined },
    self: PodClass,
  ): number | ((column: number) => number) => {
    if (rule.ports === undefined) return ALL;
    let fixed = NONE;
    const names: { protocol: string; name: string }[] = [];
    for (const port of rule.ports)
      if ('name' in port) names.push(port);
      else fixed = ports.union(fixed, ports.range(port.protocol, port.from, port.to));
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
  const known = new Map<PolicyRule, readonly Part[]>();
  const ruleParts = (rule: PolicyRule, namespace: string, self: PodClass): readonly Part[] => {
    const cached = known.get(rule);
    if (cached) return cached;
    const given = portsFor(rule, self);
    if (given === NONE) return [];
    const lists = rule.peers === undefined ? [columns.all] : rule.peers.map((peer) => columnsOf(peer, namespace));
    // Ports by name differ from destination to destination: such a part is like no other but the same rule's.
    const name = typeof given === 'number' ? String(given) : `f${known.size}`;
    const parts = lists.map((list): Part => ({ columns: list, ports: given, key: `${identityOf(list)}:${name}` }));
    const byName = direction === 'ingress' && rule.ports?.some((port) => 'name' in port);
    if (!byName) known.set(rule, parts);
    return parts;
  };
  const collect = (self: PodClass, selected: readonly number[]): readonly Part[] =>
    selected.flatMap((index) => {
      const policy = policies[index]!;
      return (policy[direction] ?? []).flatMap((rule) => ruleParts(rule, policy.namespace, self));
    });

  const applyAdminRule = (rule: AdminRule, self: PodClass): void => {
    const strange = rule.peers.some((peer) => peer.kind === 'unknown');
    const failsClosed = strange && rule.action !== 'Allow';
    const given = failsClosed ? ALL : portsFor(rule, self);
    const lists = failsClosed
      ? [columns.all]
      : rule.peers.map((peer) =>
          peer.kind === 'unknown'
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
    passed.fill(NONE);
    for (const index of admin) {
      const policy = adminPolicies[index]!;
      if (policy.tier === tier) for (const rule of policy[direction]) applyAdminRule(rule, self);
    }
    for (let i = 0; i < open.length; i++) open[i] = ports.union(open[i]!, passed[i]!);
  };

  const addParts = (parts: readonly Part[], everythingOpen: boolean): void => {
    for (const { columns: list, ports: given } of parts)
      for (const column of list) {
        const set = typeof given === 'number' ? given : given(column);
        const within = everythingOpen ? set : ports.intersect(open[column]!, set);
        const before = allow[column]!;
        if (before !== within) allow[column] = before === NONE ? within : ports.union(before, within);
      }
  };

  const row = (self: PodClass, isSelected: boolean, parts: readonly Part[], admin: readonly number[]): Uint16Array => {
    allow.fill(NONE);
    if (admin.length === 0) {
      addParts(parts, true);
      return allow;
    }
    open.fill(ALL);
    applyTier('Admin', admin, self);
    // A policy that selects a pod decides: what none of its rules let through is closed, and no later tier is asked.
    if (isSelected) {
      addParts(parts, false);
      return allow;
    }
    applyTier('Baseline', admin, self);
    for (let i = 0; i < allow.length; i++) allow[i] = ports.union(allow[i]!, open[i]!);
    return allow;
  };
  return { parts: collect, row };
}
