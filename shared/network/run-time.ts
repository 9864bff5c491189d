// Which policies say something that nothing but run time decides: names, requests, service accounts, and what an engine gets wrong.
import { familiesOf, isDualStack } from './calico-family.ts';
import type { SideParts } from './fold.ts';
import type { Direction, Pod, PortRule } from './objects.ts';

/** Indices into the governing policies of each kind. */
export interface RunTimePolicies {
  readonly policies: ReadonlySet<number>;
  readonly admin: ReadonlySet<number>;
  readonly cilium: ReadonlySet<number>;
  readonly calico: ReadonlySet<number>;
}

/** @returns the policies whose effect in this direction the objects do not tell for certain */
export function runTimePolicies(
  direction: Direction,
  { objects, governing, profile }: Pick<SideParts, 'objects' | 'governing' | 'profile'>,
): RunTimePolicies {
  const { policies, admin, cilium, calico } = governing;
  const isDual = calico.length > 0 && objects.pods.some(isDualStack);
  const isDoubtful = profile.engine === 'cilium' ? ciliumDoubts(direction, objects.pods) : () => false;
  return {
    policies: indicesOf(policies, (policy) => policy[direction]?.some(isDoubtful) ?? false),
    admin: indicesOf(admin, (policy) => policy[direction].some(({ peers }) => peers.some((p) => p.kind === 'names'))),
    cilium: indicesOf(cilium, ({ [direction]: { allows, denies } }) =>
      [...allows, ...denies].some((rule) => rule.conditional || isDoubtful(rule)),
    ),
    calico: indicesOf(
      calico,
      (policy) =>
        policy[direction]?.some((rule) => rule.conditional || (isDual && familiesOf(rule).length === 1)) ?? false,
    ),
  };
}

function indicesOf<T>(list: readonly T[], holds: (item: T) => boolean): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [index, item] of list.entries()) if (holds(item)) found.add(index);
  return found;
}

type HasPorts = { readonly ports: readonly PortRule[] | undefined };

/**
 * Cilium drops SCTP unless a setting that the objects do not show is on, and gets a named port of an egress rule wrong
 * where pods give the name to different numbers (cilium/cilium issues 5719 and 30003).
 */
function ciliumDoubts(direction: Direction, pods: readonly Pod[]): (rule: HasPorts) => boolean {
  let ambiguous: ReadonlySet<string> | undefined;
  return ({ ports = [] }) =>
    ports.some((port) => {
      if ('name' in port)
        return direction === 'egress' && (ambiguous ??= ambiguousNames(pods)).has(`${port.name} ${port.protocol}`);
      // A rule of every protocol means SCTP as well, and does not rely on it.
      return (
        port.protocol === 'SCTP' && !ports.some((p) => p.protocol === 'TCP' && 'from' in p && p.from === port.from)
      );
    });
}

/** @returns names with their protocol that stand for more than one number */
function ambiguousNames(pods: readonly Pod[]): ReadonlySet<string> {
  const numbers = new Map<string, number>();
  const found = new Set<string>();
  for (const pod of pods)
    for (const { name, protocol, port } of pod.ports) {
      const key = `${name} ${protocol}`;
      const known = numbers.get(key);
      if (known === undefined) numbers.set(key, port);
      else if (known !== port) found.add(key);
    }
  return found;
}
