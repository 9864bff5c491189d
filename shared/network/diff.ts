// What opened, closed or changed between two states of a cluster, in workloads and address ranges.
import type { Connectivity } from './compile.ts';
import type { IpRange } from './ip.ts';
import { compareLines, rangeName } from './lines.ts';
import { NONE } from './port-sets.ts';
import { addressReach, betweenWorkloads, workloadName, workloadsOf } from './reach.ts';

export interface Difference {
  /** `+` gained, `-` lost, `~` talks on other ports than before. */
  readonly kind: '+' | '-' | '~';
  readonly source: string;
  readonly destination: string;
  /** Connections in the notation of lines; absent when there were none. */
  readonly before?: string;
  readonly after?: string;
}

/** `+ SRC => DST : CONNECTIONS`; a changed connection shows what is allowed now, a lost one what was. */
export const formatDifference = ({ kind, source, destination, before, after }: Difference): string =>
  `${kind} ${source} => ${destination} : ${after ?? before}`;

interface State {
  readonly between: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, readonly { readonly range: IpRange; readonly connections: string }[]>;
}

const ARROW = ' => ';

function stateOf(net: Connectivity): State {
  const workloads = workloadsOf(net);
  const names = workloads.map(workloadName);
  const between = new Map<string, string>();
  const addresses = new Map<string, { range: IpRange; connections: string }[]>();
  for (const [s, source] of workloads.entries()) {
    for (const [d, destination] of workloads.entries()) {
      const ports = s === d ? NONE : betweenWorkloads(net, source, destination);
      if (ports !== NONE) between.set(`${names[s]}${ARROW}${names[d]}`, net.ports.format(ports));
    }
    for (const direction of ['ingress', 'egress'] as const) {
      const reach = addressReach(net, direction, source);
      addresses.set(
        `${direction} ${names[s]}`,
        reach.map(({ range, ports }) => ({ range, connections: net.ports.format(ports) })),
      );
    }
  }
  return { between, addresses };
}

/** @returns the differences in the order of their lines */
export function diff(before: Connectivity, after: Connectivity): readonly Difference[] {
  const [old, now] = [stateOf(before), stateOf(after)];
  const found: Difference[] = [];
  for (const key of new Set([...old.between.keys(), ...now.between.keys()])) {
    const [source, destination] = key.split(ARROW);
    add(found, source!, destination!, old.between.get(key), now.between.get(key));
  }
  for (const key of new Set([...old.addresses.keys(), ...now.addresses.keys()])) {
    const space = key.indexOf(' ');
    const [direction, workload] = [key.slice(0, space), key.slice(space + 1)];
    for (const part of compareRanges(old.addresses.get(key) ?? [], now.addresses.get(key) ?? [])) {
      const range = rangeName(part.range);
      if (direction === 'egress') add(found, workload, range, part.before, part.after);
      else add(found, range, workload, part.before, part.after);
    }
  }
  return found.toSorted((a, b) =>
    compareLines(`${a.source}${ARROW}${a.destination}`, `${b.source}${ARROW}${b.destination}`),
  );
}

function add(
  found: Difference[],
  source: string,
  destination: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (before === after) return;
  const kind = before === undefined ? '+' : after === undefined ? '-' : '~';
  found.push({
    kind,
    source,
    destination,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
}

interface Reach {
  readonly range: IpRange;
  readonly connections: string;
}
interface Part {
  range: IpRange;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Cuts both at all their ends, and joins neighbours that changed alike. */
function compareRanges(before: readonly Reach[], after: readonly Reach[]): readonly Part[] {
  const cuts = [...new Set([...before, ...after].flatMap(({ range }) => [range.from, range.to + 1n]))].toSorted(
    (a, b) => (a < b ? -1 : 1),
  );
  // Addresses are asked for in order, and ranges are in order: nothing is looked at twice.
  const reader = (reach: readonly Reach[]): ((ip: bigint) => string | undefined) => {
    let next = 0;
    return (ip) => {
      while (next < reach.length && reach[next]!.range.to < ip) next++;
      const found = reach[next];
      return found && found.range.from <= ip ? found.connections : undefined;
    };
  };
  const [was, is] = [reader(before), reader(after)];
  const parts: Part[] = [];
  for (const [i, from] of cuts.slice(0, -1).entries()) {
    const part: Part = { range: { from, to: cuts[i + 1]! - 1n }, before: was(from), after: is(from) };
    const last = parts.at(-1);
    if (part.before === undefined && part.after === undefined) continue;
    if (last && last.before === part.before && last.after === part.after && last.range.to + 1n === from)
      last.range = { from: last.range.from, to: part.range.to };
    else parts.push(part);
  }
  return parts;
}
