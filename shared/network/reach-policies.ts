// What a snapshot keeps of the policies: their names and ports, and fingerprints that tell whether one is another than before.
import type { Connectivity } from './compile.ts';
import { fingerprint } from './fingerprint.ts';
import type { AnyPolicy } from './governing.ts';
import type { CalicoTier, Direction, PortRule } from './objects.ts';
import { directions, refName } from './objects.ts';

/** `NAMESPACE/NAME[Kind]`; for each direction what tells its content from another, empty where it has none, and the ports it names. */
export type KeptPolicy = readonly [name: string, ingress: string, egress: string, toIngress: string, toEgress: string];

export interface KeptPolicies {
  /** In the order of their names. */
  readonly kept: readonly KeptPolicy[];
  /** @returns the policies that select some of the classes, as bits */
  readonly selecting: (direction: Direction, classes: readonly number[]) => Uint32Array;
}

/** @returns the policies that the engine enforces; what it makes of one object in several parts is one policy */
export function keepPolicies(net: Connectivity): KeptPolicies {
  const { policies, admin, cilium, calico } = net.governing;
  const tiers = new Map(net.objects.calicoTiers.map((tier) => [tier.name, tier]));
  const byName = Map.groupBy<string, AnyPolicy>([...policies, ...admin, ...cilium, ...calico], refName);
  const names = [...byName.keys()].toSorted();
  const place = new Map<AnyPolicy, number>();
  for (const [at, name] of names.entries()) for (const policy of byName.get(name)!) place.set(policy, at);
  const selecting = (direction: Direction, classes: readonly number[]): Uint32Array => {
    const bits = new Uint32Array(Math.ceil(names.length / 32));
    for (const index of classes) {
      const own = net[direction].selected[index]!;
      for (const list of [own.policies, own.admin, own.cilium, own.calico])
        for (const policy of list) bits[place.get(policy)! >> 5]! |= 1 << (place.get(policy)! & 31);
    }
    return bits;
  };
  const kept = names.map((name): KeptPolicy => {
    const parts = byName.get(name)!;
    const [ingress, egress] = directions.map((direction) => contentOf(parts, direction, tiers)) as [string, string];
    return [name, ingress, egress, portsOf(parts, 'ingress'), portsOf(parts, 'egress')];
  });
  return { kept, selecting };
}

/** Where Calico asks a policy depends on its tier as well. Annotations mean nothing here. */
function contentOf(parts: readonly AnyPolicy[], direction: Direction, tiers: ReadonlyMap<string, CalicoTier>): string {
  const said = parts.flatMap((policy) => {
    const { ingress: _ingress, egress: _egress, ...rest } = { ...policy, annotations: undefined };
    return policy[direction]
      ? [{ ...rest, rules: policy[direction], tier: 'tier' in rest && tiers.get(rest.tier) }]
      : [];
  });
  return said.length === 0 ? '' : fingerprint(JSON.stringify(said));
}

const MOST_PORTS = 4;

/** @returns the ports that the rules let through, like `80, UDP 53`; empty where they are all, or too many to be told */
function portsOf(parts: readonly AnyPolicy[], direction: Direction): string {
  const rules = parts.flatMap((policy) => allowingRules(policy, direction));
  if (rules.some(({ ports }) => ports === undefined)) return '';
  const names = [...new Set(rules.flatMap(({ ports }) => (ports ?? []).map(portName)))];
  return names.length > MOST_PORTS ? '' : names.join(', ');
}

function allowingRules(
  policy: AnyPolicy,
  direction: Direction,
): readonly { readonly ports: readonly PortRule[] | undefined }[] {
  const rules = policy[direction] ?? [];
  return 'allows' in rules ? rules.allows : rules.filter((rule) => !('action' in rule) || rule.action === 'Allow');
}

function portName(port: PortRule): string {
  const number = 'name' in port ? port.name : port.from === port.to ? `${port.from}` : `${port.from}-${port.to}`;
  return port.protocol === 'TCP' ? number : `${port.protocol} ${number}`;
}
