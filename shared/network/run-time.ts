// Which policies say something that nothing but run time decides: names, requests, service accounts, and what an engine gets wrong.
import { familiesOf, isDualStack } from './calico-family.ts';
import type { SideParts } from './fold.ts';
import type { AnyPolicy } from './governing.ts';
import type { Direction, Pod, PortRule } from './objects.ts';

/** @returns the policies whose effect in this direction the objects do not tell for certain */
export function runTimePolicies(
  direction: Direction,
  { objects, governing, profile }: Pick<SideParts, 'objects' | 'governing' | 'profile'>,
): ReadonlySet<AnyPolicy> {
  const { policies, admin, cilium, calico } = governing;
  const isDual = calico.length > 0 && objects.pods.some(isDualStack);
  const isDoubtful = profile.engine === 'cilium' ? ciliumDoubts(direction, objects.pods) : () => false;
  return new Set<AnyPolicy>([
    ...policies.filter((policy) => policy[direction]?.some(isDoubtful)),
    ...admin.filter((policy) => policy[direction].some(({ peers }) => peers.some(({ kind }) => kind === 'names'))),
    ...cilium.filter(({ [direction]: { allows, denies } }) =>
      [...allows, ...denies].some((rule) => rule.conditional || isDoubtful(rule)),
    ),
    ...calico.filter((policy) =>
      policy[direction]?.some((rule) => rule.conditional || (isDual && familiesOf(rule).length === 1)),
    ),
  ]);
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
