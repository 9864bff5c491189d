// One direction of a cluster: for every class, what its policies let through, column by column.
import { createCalicoLookup, tellsApart } from './calico.ts';
import type { Part, Parts, SideParts } from './fold.ts';
import { createFold } from './fold.ts';
import { splitsTcp } from './mesh.ts';
import type { Direction, OnNodes } from './objects.ts';
import { createRows } from './rows.ts';
import { runTimePolicies } from './run-time.ts';

export interface Side {
  /** Distinct rows: a port set per column, classes first, then address ranges. */
  readonly rows: readonly Uint16Array[];
  /** The row of each class; -1 where nothing restricts it. */
  readonly rowOf: Int32Array;
  /** The same number for classes that the same policies select to the same effect, whoever asks; -1 where none does. */
  readonly profileOf: Int32Array;
  /** NetworkPolicies that select each class in this direction, as indices. */
  readonly selectedBy: readonly (readonly number[])[];
  /** Admin policies that select each class in this direction, as indices, in the order they are evaluated. */
  readonly adminBy: readonly (readonly number[])[];
  /** Cilium policies that select each class in this direction, as indices. */
  readonly ciliumBy: readonly (readonly number[])[];
  /** Calico policies that govern each class in this direction, as indices. */
  readonly calicoBy: readonly (readonly number[])[];
  /** Classes of which something is decided only at run time: what is allowed then may differ from what their row says. */
  readonly conditional: ReadonlySet<number>;
}

export function compileSide(direction: Direction, parts: SideParts): Side {
  const { policies, admin: adminPolicies, cilium, calico } = parts.governing;
  const { classes, columns } = parts;
  const isFor = ({ on }: OnNodes, c: number): boolean =>
    classes[c]!.governed && (on === undefined || on === classes[c]!.platform);
  const selectedBy: number[][] = classes.map(() => []);
  for (const [index, policy] of policies.entries()) {
    if (policy[direction] === undefined) continue;
    for (const c of columns.pods(policy.namespace, policy.selector)) if (isFor(policy, c)) selectedBy[c]!.push(index);
  }
  const adminBy: number[][] = classes.map(() => []);
  const order = adminPolicies
    .map((policy, index) => ({ policy, index }))
    .filter(({ policy }) => policy[direction].length > 0)
    .toSorted((a, b) => a.policy.priority - b.policy.priority || (a.policy.name < b.policy.name ? -1 : 1));
  for (const { policy, index } of order)
    for (const c of columns.pods(policy.subject.namespaces, policy.subject.pods))
      if (isFor({}, c)) adminBy[c]!.push(index);

  const ciliumBy: number[][] = classes.map(() => []);
  for (const [index, { subject, [direction]: section }] of cilium.entries()) {
    if (!section.isolates && section.allows.length === 0 && section.denies.length === 0) continue;
    for (const c of columns.pods(subject.namespaces, subject.pods)) ciliumBy[c]!.push(index);
  }

  const calicoBy: number[][] = classes.map(() => []);
  const lookup = calico.length > 0 ? createCalicoLookup(parts) : undefined;
  for (const [index, policy] of calico.entries()) {
    if (policy[direction] === undefined) continue;
    for (const [c, self] of classes.entries())
      if (isFor(policy, c) && lookup!.governs(policy, self)) calicoBy[c]!.push(index);
  }

  const apart = new Set([...calico.keys()].filter((index) => tellsApart(calico[index]!, direction)));

  const fold = createFold(direction, parts, lookup);
  const rows = createRows();
  const byProfile = new Map<string, { readonly number: number; readonly row: number }>();
  const bySum = new Map<string, number>();
  const rowOf = new Int32Array(classes.length).fill(-1);
  const profileOf = new Int32Array(classes.length).fill(-1);
  const doubtful = runTimePolicies(direction, parts);
  const tunnelled = tunnels(parts);
  const conditional = new Set<number>();
  for (const [index, c] of classes.entries()) {
    const selected = selectedBy[index]!;
    const admin = adminBy[index]!;
    const own = ciliumBy[index]!;
    const tiered = calicoBy[index]!;
    if (selected.length === 0 && admin.length === 0 && own.length === 0 && tiered.length === 0) continue;
    const named = direction === 'ingress' ? c.ports.map((p) => `${p.name}${p.protocol}${p.port}`).join() : '';
    const alone = tiered.some((policy) => apart.has(policy)) ? `${index}` : '';
    const key = `${alone}|${selected.join()}|${admin.join()}|${own.join()}|${tiered.join()}|${named}`;
    let profile = byProfile.get(key);
    if (profile === undefined) {
      const parts = fold.parts(c, selected, own);
      // Without admin policies the row is the sum of its parts: profiles with the same parts share it unseen.
      const sum = admin.length > 0 || tiered.length > 0 ? undefined : partsKey(parts);
      const make = (): Uint16Array =>
        tiered.length > 0 ? fold.tiers(index, selected, admin, tiered) : fold.row(c, parts, admin);
      const known = sum === undefined ? undefined : bySum.get(sum);
      const row = known ?? rows.intern(make());
      if (sum !== undefined) bySum.set(sum, row);
      profile = { number: byProfile.size, row };
      byProfile.set(key, profile);
    }
    rowOf[index] = profile.row;
    profileOf[index] = profile.number;
    const runTime =
      selected.some((policy) => doubtful.policies.has(policy)) ||
      admin.some((policy) => doubtful.admin.has(policy)) ||
      own.some((policy) => doubtful.cilium.has(policy)) ||
      tiered.some((policy) => doubtful.calico.has(policy));
    if (runTime || (c.meshed && tunnelled(rows.all[profile.row]!))) conditional.add(index);
  }
  return { rows: rows.all, rowOf, profileOf, selectedBy, adminBy, ciliumBy, calicoBy, conditional };
}

/** @returns whether a row tells ports apart towards pods that are reached through a tunnel */
function tunnels({ classes, ports }: SideParts): (row: Uint16Array) => boolean {
  const meshed = [...classes.keys()].filter((index) => classes[index]!.meshed);
  const answers = new Map<Uint16Array, boolean>();
  return (row) => {
    const answer = answers.get(row) ?? meshed.some((column) => splitsTcp(ports, row[column]!));
    answers.set(row, answer);
    return answer;
  };
}

const keysOf = (parts: readonly Part[]): string => [...new Set(parts.map((part) => part.key))].toSorted().join(' ');
const partsKey = ({ isolated, allows, denies }: Parts): string => `${isolated}|${keysOf(allows)}|${keysOf(denies)}`;
