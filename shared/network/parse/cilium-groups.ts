// CiliumCIDRGroup: blocks under a name and labels, which CIDR sets of Cilium policies refer to.
import { parseCidr } from '../ip.ts';
import type { IpBlock, Labels, Requirement } from '../objects.ts';
import type { Raw } from './raw.ts';
import { ObjectError, listAt, objectAt, shown, textAt, toLabels } from './raw.ts';
import { matches } from '../selectors.ts';

export interface CidrGroup {
  readonly name: string;
  /** Its own labels without those of Cilium, and the label by which Cilium finds it by name. */
  readonly labels: Labels;
  readonly blocks: readonly IpBlock[];
}

/** Answers are undefined where it is not certain what is meant: the group is not there, or could not be read. */
export interface CidrGroups {
  named(name: string): readonly IpBlock[] | undefined;
  selected(selector: readonly Requirement[]): readonly IpBlock[] | undefined;
}

const NAME_LABEL = 'io.cilium.policy.cidrgroupname/';

/**
 * Cilium skips a block that it cannot read; here it costs the group, and what refers to it is uncertain.
 * @throws ObjectError with the path of what is wrong
 */
export function parseCidrGroup(raw: Raw, name: string): CidrGroup {
  const spec = objectAt(raw['spec'], 'spec');
  const blocks = listAt(spec['externalCIDRs'], 'spec.externalCIDRs').map((value, i): IpBlock => {
    const place = `spec.externalCIDRs[${i}]`;
    const cidr = textAt(value, place);
    if (!parseCidr(cidr)) throw new ObjectError(place, `${shown(cidr)} is not a CIDR block`);
    return { cidr, except: [] };
  });
  const own = Object.entries(toLabels(objectAt(raw['metadata'], 'metadata')['labels']));
  const labels = Object.fromEntries(own.filter(([key]) => !key.startsWith('io.cilium.')));
  return { name, labels: { ...labels, [`${NAME_LABEL}${name}`]: '' }, blocks };
}

/**
 * Cilium puts the labels of groups on their prefixes, and a prefix that is in two groups has those of both (cilium,
 * pkg/policy/k8s/cilium_cidr_group.go): a selector is certain when no group matches a part of it only.
 */
export function cidrGroupsOf(groups: readonly CidrGroup[]): CidrGroups {
  const byName = new Map(groups.map((group) => [group.name, group]));
  return {
    named: (name) => byName.get(name)?.blocks,
    selected(selector) {
      const wanted = selector.map((requirement) => ({
        ...requirement,
        key: requirement.key.replace(/^cidrgroup[:.]/, ''),
      }));
      const isPositive = wanted.every(({ operator }) => operator === 'In' || operator === 'Exists');
      if (wanted.length === 0 || !isPositive) return undefined;
      const touched = groups.filter(({ labels }) => wanted.some((requirement) => matches([requirement], labels)));
      const isCertain = touched.length > 0 && touched.every(({ labels }) => matches(wanted, labels));
      return isCertain ? touched.flatMap(({ blocks }) => blocks) : undefined;
    },
  };
}
