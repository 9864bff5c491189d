// One direction of a cluster: for every class, what its policies let through, column by column.
import { createCalicoLookup, tellsApart } from './calico.ts';
import type { PodClass } from './classes.ts';
import type { Fold, SideParts } from './fold.ts';
import type { AnyPolicy } from './governing.ts';
import { splitsTcp } from './mesh.ts';
import type { Direction } from './objects.ts';
import { createRows } from './rows.ts';
import { createPartsOf } from './rule-parts.ts';
import { createReadPorts } from './rule-ports.ts';
import { runTimePolicies } from './run-time.ts';
import type { Selected } from './selected.ts';
import { selectedIn } from './selected.ts';
import { createSum } from './sum.ts';
import { createTiers } from './tiers.ts';

export interface Side {
  /** Distinct rows: a port set per column, classes first, then address ranges. */
  readonly rows: readonly Uint16Array[];
  /** The row of each class; -1 where nothing restricts it. */
  readonly rowOf: Int32Array;
  /** The same number for classes that the same policies select to the same effect, whoever asks; -1 where none does. */
  readonly profileOf: Int32Array;
  /** The policies that select each class in this direction. */
  readonly selected: readonly Selected[];
  /** Classes of which something is decided only at run time: what is allowed then may differ from what their row says. */
  readonly conditional: ReadonlySet<number>;
}

/** @returns what the policies let every class send, or receive */
export function compileSide(direction: Direction, parts: SideParts): Side {
  const { classes, columns, ports, governing } = parts;
  const lookup = governing.calico.length > 0 ? createCalicoLookup(parts) : undefined;
  const selected = selectedIn(direction, parts, lookup);
  const readPorts = createReadPorts(direction, classes, ports);
  const partsOf = createPartsOf(direction, columns, readPorts);
  const sum = createSum(direction, parts, readPorts, partsOf);
  const tiers = lookup && createTiers(direction, parts, readPorts, partsOf, lookup);
  const foldOf = ({ calico }: Selected): Fold => (tiers && calico.length > 0 ? tiers : sum);

  const rows = createRows();
  const bySum = new Map<string, number>();
  const rowFor = (index: number, own: Selected): number => {
    const { key, row } = foldOf(own)(index, own);
    // Profiles with the same parts share a row without making it.
    const found = (key === undefined ? undefined : bySum.get(key)) ?? rows.intern(row());
    if (key !== undefined) bySum.set(key, found);
    return found;
  };

  const rowOf = new Int32Array(classes.length).fill(-1);
  const profileOf = new Int32Array(classes.length).fill(-1);
  const conditional = new Set<number>();
  const doubtful = runTimePolicies(direction, parts);
  const isTunnelled = tunnels(parts);
  const profiles = new Map<string, { readonly number: number; readonly row: number; readonly runTime: boolean }>();
  const keyOf = createProfileKey(direction, parts);
  for (const [index, c] of classes.entries()) {
    const own = selected[index]!;
    if (own.key === '') continue;
    const key = keyOf(index, c, own);
    let profile = profiles.get(key);
    if (!profile) {
      const runTime = doubtful.size > 0 && everyPolicy(own).some((policy) => doubtful.has(policy));
      profiles.set(key, (profile = { number: profiles.size, row: rowFor(index, own), runTime }));
    }
    rowOf[index] = profile.row;
    profileOf[index] = profile.number;
    if (profile.runTime || (c.meshed && isTunnelled(rows.all[profile.row]!))) conditional.add(index);
  }
  return { rows: rows.all, rowOf, profileOf, selected, conditional };
}

const everyPolicy = ({ policies, admin, cilium, calico }: Selected): readonly AnyPolicy[] => [
  ...policies,
  ...admin,
  ...cilium,
  ...calico,
];

/** @returns what makes text of a class that is the same for classes whose policies say the same of them */
function createProfileKey(
  direction: Direction,
  { governing }: SideParts,
): (index: number, c: PodClass, selected: Selected) => string {
  const apart = new Set(governing.calico.filter((policy) => tellsApart(policy, direction)));
  return (index, { ports }, { key, calico }) => {
    // A name of a port means into a pod what the pod calls so.
    const named = direction === 'ingress' ? ports.map((p) => `${p.name}${p.protocol}${p.port}`).join() : '';
    return `${calico.some((policy) => apart.has(policy)) ? index : ''}|${key}|${named}`;
  };
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
