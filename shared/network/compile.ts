// From objects to connectivity: classes of pods, and for each of them one row of ports towards every class and address range, per direction.
import { ciliumEnforced } from './cilium-labels.ts';
import type { PodClass } from './classes.ts';
import { classify } from './classes.ts';
import type { Columns } from './columns.ts';
import { createColumns } from './columns.ts';
import type { EngineProfile, Inert } from './engines.ts';
import { adminInert, calicoEnforced, enforced, specification, systemsIn } from './engines.ts';
import type { Governing } from './governing.ts';
import { calicoRules, peerRules } from './governing.ts';
import type { IpRange } from './ip.ts';
import { allIpv4, allIpv6, parseCidr } from './ip.ts';
import type { ClusterObjects, Direction, IpBlock, NetworkPolicy, NetworkSet } from './objects.ts';
import type { PortSets } from './port-sets.ts';
import { createPortSets } from './port-sets.ts';
import type { Side } from './side.ts';
import { compileSide } from './side.ts';

export interface Connectivity {
  readonly objects: ClusterObjects;
  readonly profile: EngineProfile;
  readonly ports: PortSets;
  readonly classes: readonly PodClass[];
  /** Address ranges that no policy tells apart, in order; IPv6 only where a policy speaks of it. */
  readonly atoms: readonly IpRange[];
  /** The address blocks of which enforced policies speak. */
  readonly blocks: readonly IpBlock[];
  /** The policies that this engine enforces, as it enforces them. */
  readonly governing: Governing;
  readonly inert: readonly Inert[];
  /** Which columns a peer means. */
  readonly columns: Columns;
  readonly ingress: Side;
  readonly egress: Side;
}

/** @returns what the policies of a cluster allow, exactly, under an engine */
export function compile(objects: ClusterObjects, profile: EngineProfile = specification): Connectivity {
  const systems = systemsIn(objects.pods, profile);
  const inert: Inert[] = [];
  const policies: NetworkPolicy[] = [];
  for (const policy of objects.policies) {
    const outcome = enforced(policy, profile, systems);
    if ('reason' in outcome) inert.push(outcome);
    else policies.push(...outcome);
  }
  const admin = objects.adminPolicies.filter((policy) => {
    const why = adminInert(policy, profile);
    if (why) inert.push(why);
    return !why;
  });
  for (const ref of objects.foreignPolicies)
    if (ref.family !== profile.engine)
      inert.push({ ref, reason: profile.engine === 'none' ? 'no engine is on' : `the engine is not ${ref.family}` });
  const cilium = profile.engine === 'cilium' ? objects.ciliumPolicies.map(ciliumEnforced) : [];
  const calico =
    profile.engine === 'calico' ? objects.calicoPolicies.flatMap((policy) => calicoEnforced(policy, systems)) : [];
  const governing: Governing = { policies, admin, cilium, calico };
  const blocks = blocksOf(governing, objects.networkSets);
  const atoms = cutAtoms(blocks);
  const classes = classify(objects, governing, { profile, atoms });
  const ports = createPortSets();
  const columns = createColumns(objects, classes, atoms);
  const make = (direction: Direction): Side =>
    compileSide(direction, { objects, profile, governing, classes, ports, columns });
  return {
    objects,
    profile,
    ports,
    classes,
    atoms,
    blocks,
    governing,
    inert,
    columns,
    ingress: make('ingress'),
    egress: make('egress'),
  };
}

/** @returns the address blocks of which these policies speak */
export function blocksOf(governing: Governing, networkSets: readonly NetworkSet[]): readonly IpBlock[] {
  const blocks = peerRules(governing)
    .flatMap(({ peers }) => peers ?? [])
    .flatMap((peer) => (peer.kind === 'ip' ? [peer.block] : []));
  for (const { source, destination, ipVersion } of calicoRules(governing)) {
    // A rule for one family tells both apart, whichever it names.
    if (ipVersion !== undefined) blocks.push({ cidr: '::/0', except: [] });
    for (const { nets, notNets } of [source, destination]) blocks.push(...(nets ?? []), ...notNets);
  }
  if (governing.calico.length > 0) for (const { nets } of networkSets) for (const block of nets) blocks.push(block);
  return blocks;
}

/** @returns the ranges of addresses that none of these blocks tells apart, in order */
export function cutAtoms(blocks: readonly IpBlock[]): readonly IpRange[] {
  const ranges = blocks.flatMap(({ cidr, except }) => [cidr, ...except].map((text) => parseCidr(text)!));
  const families = ranges.some((range) => range.from >= allIpv6.from) ? [allIpv4, allIpv6] : [allIpv4];
  const cuts = new Set(families.flatMap((family) => [family.from, family.to + 1n]));
  for (const range of ranges) {
    cuts.add(range.from);
    cuts.add(range.to + 1n);
  }
  const ordered = [...cuts].toSorted((a, b) => (a < b ? -1 : 1));
  const end = families.at(-1)!.to + 1n;
  return ordered.filter((cut) => cut < end).map((from, i) => ({ from, to: ordered[i + 1]! - 1n }));
}
