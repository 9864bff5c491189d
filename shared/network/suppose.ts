// Pods that do not exist: what one would get, asked of the same engine that judges the real ones.
import type { PodClass } from './classes.ts';
import { OTHER } from './classes.ts';
import { createColumns } from './columns.ts';
import type { Connectivity } from './compile.ts';
import { isMeshed } from './mesh.ts';
import { ipBlocksCoverPods, platformIn, runsOn } from './engines.ts';
import type { Governing } from './governing.ts';
import { podSelectors } from './governing.ts';
import type { IpRange } from './ip.ts';
import { allIpv4, formatIp } from './ip.ts';
import type { ClusterObjects, Direction, Labels, Namespace, Platform, Pod } from './objects.ts';
import type { Side } from './side.ts';
import { compileSide } from './side.ts';

/** A namespace that no policy names: no selector by name or label finds it, and every selector that only excludes namespaces does. */
export const strangeNamespace: Namespace = {
  name: OTHER,
  labels: { 'kubernetes.io/metadata.name': OTHER },
  annotations: {},
};

export interface SupposedPod {
  /** Where it is; absent: in a namespace that no policy names. */
  readonly namespace?: Namespace;
  readonly labels: Labels;
  readonly ports?: PodClass['ports'];
  /** The address ranges that it is in; absent: where most pods are. */
  readonly atoms?: readonly number[];
  /** Without an address yet; absent: when it is in no address range, where addresses count. */
  readonly unplaced?: boolean;
  /** Absent: on the nodes that are usual in the cluster. */
  readonly platform?: Platform;
  /** In a mesh without sidecars; absent: as its labels and its namespace say. */
  readonly meshed?: boolean;
}

/**
 * One direction of a few supposed pods under some policies, each towards each other and towards the address ranges.
 * @param net lends its address ranges, its sets of ports and what is not a policy
 * @returns the side; pods are numbered as given
 */
export function suppose(
  net: Pick<Connectivity, 'objects' | 'profile' | 'ports' | 'classes' | 'atoms'>,
  direction: Direction,
  governing: Governing,
  pods: readonly SupposedPod[],
): Side {
  const known = new Set(governing.calico.length > 0 ? namespacesOfSets(net.objects) : []);
  for (const { namespace = strangeNamespace } of pods) known.add(namespace);
  const namespaces = [...known];
  const usual = net.atoms.length > 0 && ipBlocksCoverPods(net.profile) ? usualAtoms(net) : [];
  const classes = pods.map(({ namespace = strangeNamespace, labels, ports = [], atoms = usual, ...place }, i) => {
    const platform = platformIn(net.profile, place);
    const governed = runsOn(net.profile, platform);
    const labelled = governed || net.profile.engine !== 'cilium';
    const where = {
      namespace: namespaces.indexOf(namespace),
      platform,
      governed,
      labelled,
      unplaced: place.unplaced ?? (atoms.length === 0 && (!labelled || ipBlocksCoverPods(net.profile))),
      meshed: place.meshed ?? isMeshed(labels, namespace.labels),
    };
    return { ...where, labels, ports, atoms, members: [i], weight: 0 };
  });
  const objects = { ...net.objects, namespaces, pods: classes.map((c) => memberOf(c, namespaces, net.atoms)) };
  const columns = createColumns(objects, classes, net.atoms);
  return compileSide(direction, { objects, profile: net.profile, governing, classes, ports: net.ports, columns });
}

/** @returns a pod of a class, to suppose it under other policies or next to other pods */
export function podOf({ classes, objects }: Pick<Connectivity, 'classes' | 'objects'>, index: number): SupposedPod {
  const { namespace, labels, ports, atoms, unplaced, platform, meshed } = classes[index]!;
  return { namespace: objects.namespaces[namespace]!, labels, ports, atoms, unplaced, platform, meshed };
}

/** A class has members of which more may be asked than it says of itself. */
const memberOf = (
  { namespace, labels, ports, atoms: inside }: PodClass,
  namespaces: readonly Namespace[],
  atoms: readonly IpRange[],
): Pod => ({
  namespace: namespaces[namespace]!.name,
  name: '',
  labels,
  owner: { kind: 'Pod', name: '' },
  replicas: 0,
  ips: inside.map((atom) => formatIp(atoms[atom]!.from)),
  hostNetwork: false,
  finished: false,
  ports,
});

/** Calico finds network sets by the labels of their namespaces too. */
function namespacesOfSets({ namespaces, networkSets }: ClusterObjects): readonly Namespace[] {
  if (networkSets.length === 0) return [];
  const named = new Set(networkSets.map(({ namespace }) => namespace));
  return namespaces.filter(({ name }) => named.has(name));
}

/** Every policy is asked about every supposed pod: no more than these are supposed, however many keys people use. */
const MOST_ALONE = 32;

/**
 * @returns sets of labels that no pod has yet: the empty set; one with an unknown value for every key that decides whom these policies
 * govern; and one for each single key that may take a pod out of a policy, the first 32 of them
 */
export function unusedLabels(governing: Governing): readonly Labels[] {
  const { named, excluding } = decidingKeys(governing);
  if (named.size === 0) return [{}];
  const all = Object.fromEntries([...named].map((key) => [key, OTHER]));
  const alone = named.size > 1 ? [...excluding].slice(0, MOST_ALONE).map((key) => ({ [key]: OTHER })) : [];
  return [{}, all, ...alone];
}

/** A key that policies only ask for (In, Exists) takes no pod out of a policy. In Calico's expressions any key may. */
function decidingKeys(governing: Governing): { readonly named: Set<string>; readonly excluding: Set<string> } {
  const requirements = podSelectors(governing).flat();
  const ofCalico = calicoKeys(governing);
  return {
    named: new Set([...requirements.map(({ key }) => key), ...ofCalico]),
    excluding: new Set([
      ...requirements.flatMap(({ key, operator }) =>
        operator === 'NotIn' || operator === 'DoesNotExist' || governing.admin.length > 0 ? [key] : [],
      ),
      ...ofCalico,
    ]),
  };
}

/** Calico's rules may narrow their own side too. */
const calicoKeys = ({ calico }: Governing): readonly string[] =>
  calico
    .flatMap(({ subject, ingress = [], egress = [] }) => [
      subject,
      ...ingress.flatMap(({ destination }) => [destination.selector, destination.not]),
      ...egress.flatMap(({ source }) => [source.selector, source.not]),
    ])
    .flatMap((selector) => [...(selector?.keys.keys() ?? [])]);

const widest = new WeakMap<object, readonly number[]>();

/** @returns the range that holds most pods, for a new one would get its address there; the widest of IPv4 when no pod has an address. */
export function usualAtoms({ classes, atoms }: Pick<Connectivity, 'classes' | 'atoms'>): readonly number[] {
  const known = widest.get(classes);
  if (known) return known;
  const weights = new Map<number, number>();
  for (const { atoms: inside, weight } of classes)
    for (const atom of inside) weights.set(atom, (weights.get(atom) ?? 0) + weight);
  if (weights.size === 0)
    for (const [atom, { from, to }] of atoms.entries()) if (to <= allIpv4.to) weights.set(atom, Number(to - from));
  const best = [...weights].toSorted(([, a], [, b]) => b - a)[0];
  const found = best ? [best[0]] : [];
  widest.set(classes, found);
  return found;
}
