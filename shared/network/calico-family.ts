// IP families of Calico's rules: a rule is enforced in IPv4 and in IPv6 apart, and in each only where it makes sense.
import type { CalicoRule, IpBlock, IpVersion, Pod } from './objects.ts';

const versions: readonly IpVersion[] = [4, 6];
const versionOf = (address: string): IpVersion => (address.includes(':') ? 6 : 4);

/**
 * A rule holds in the family that its `ipVersion` names, and only where each of its lists of nets, notNets included, has an
 * entry of that family (Calico, felix/rules/policy.go, FilterRuleToIPVersion).
 * @returns the families in which a rule is enforced: none when its nets contradict each other or its version
 */
export const familiesOf = ({ ipVersion, source, destination }: CalicoRule): readonly IpVersion[] =>
  versions.filter(
    (version) =>
      (ipVersion ?? version) === version &&
      [source.nets, source.notNets, destination.nets, destination.notNets].every((nets) => keepsSome(nets, version)),
  );

const keepsSome = (nets: readonly IpBlock[] | undefined, version: IpVersion): boolean =>
  nets === undefined || nets.length === 0 || nets.some(({ cidr }) => versionOf(cidr) === version);

/** @returns the families of a pod's addresses; IPv4 where it has none yet, as AKS gives it unless told otherwise */
export const podFamilies = ({ ips }: Pick<Pod, 'ips'>): readonly IpVersion[] =>
  ips.length === 0 ? [4] : versions.filter((version) => ips.some((ip) => versionOf(ip) === version));

/** Only run time decides which family its connections use. */
export const isDualStack = (pod: Pod): boolean => podFamilies(pod).length > 1;
