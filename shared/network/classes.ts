// Pods that no policy can tell apart are one class: thousands of pods become hundreds of classes.
import type { EngineProfile } from './engines.ts';
import { ipBlocksCoverPods, platformIn, runsOn } from './engines.ts';
import { findAtom, parseIp } from './ip.ts';
import { isMeshed } from './mesh.ts';
import type { IpRange } from './ip.ts';
import type { Governing } from './governing.ts';
import { calicoRules, peerRules, podSelectors } from './governing.ts';
import type { ClusterObjects, Labels, Platform, Pod, PortRule, Selector } from './objects.ts';

export interface PodClass {
  /** Index into the cluster's namespaces. */
  readonly namespace: number;
  /** Only the labels that some selector asks for; values that no selector names count as one. */
  readonly labels: Labels;
  readonly ports: Pod['ports'];
  /** IP atoms that its pods' addresses lie in, where the engine lets blocks cover pods. */
  readonly atoms: readonly number[];
  /** Its pods have no address yet, and blocks may cover pods: a block of all IPv4 addresses will cover it, whatever it turns out to be. */
  readonly unplaced: boolean;
  readonly platform: Platform;
  /** An engine enforces policies where its pods run; otherwise no policy governs it. */
  readonly governed: boolean;
  /** Peers select it by its labels; otherwise they see only its address. */
  readonly labelled: boolean;
  /** In a mesh without sidecars: its connections with others in the mesh are tunnelled. */
  readonly meshed: boolean;
  /** Indices into the cluster's pods. */
  readonly members: number[];
  /** Pods it stands for, replicas counted. */
  weight: number;
}

/** Stands for every label value that no selector names; no real value holds this character. */
export const OTHER = '\u0000';

interface Relevant {
  /** Label keys that selectors ask for, with the values they name. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys whose text is searched: their values are kept as they are. */
  readonly whole: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
}

function relevantOf(governing: Governing): Relevant {
  const values = new Map<string, Set<string>>();
  const whole = new Set<string>();
  const portNames = new Set<string>();
  const addValues = (key: string, named: readonly string[]): void => {
    const known = values.get(key) ?? new Set();
    for (const value of named) known.add(value);
    values.set(key, known);
  };
  const addSelector = (selector: Selector): void => {
    for (const { key, values: named } of selector) addValues(key, named);
  };
  const addPorts = (ports: readonly PortRule[] | undefined): void => {
    for (const port of ports ?? []) if ('name' in port) portNames.add(port.name);
  };
  for (const selector of podSelectors(governing)) addSelector(selector);
  for (const { peers, ports } of peerRules(governing)) {
    addPorts(ports);
    for (const peer of peers ?? []) if (peer.kind === 'pods') addSelector(peer.pods);
  }
  const rules = calicoRules(governing);
  const entities = rules.flatMap(({ source, destination }) => [source, destination]);
  for (const selector of [
    ...governing.calico.map(({ subject }) => subject),
    ...entities.flatMap(({ selector, not }) => [selector, not]),
  ])
    for (const [key, named] of selector?.keys ?? []) {
      addValues(key, named ?? []);
      if (named === undefined) whole.add(key);
    }
  for (const { ports, notPorts } of rules) addPorts([...(ports ?? []), ...notPorts]);
  return { values, whole, portNames };
}

/**
 * Cilium knows the labels of the pods that it governs; every other one is an address (cilium, reserved identities).
 * @param atoms the IP ranges that policies cut
 * @returns the classes of all pods that policies can speak of: hostNetwork and finished ones are left out
 */
export function classify(
  objects: ClusterObjects,
  governing: Governing,
  { profile, atoms }: { readonly profile: EngineProfile; readonly atoms: readonly IpRange[] },
): PodClass[] {
  const relevant = relevantOf(governing);
  const keys = [...relevant.values.keys()];
  const namespaceIndex = new Map(objects.namespaces.map(({ name }, index) => [name, index]));
  const classes = new Map<string, PodClass>();
  for (const [index, pod] of objects.pods.entries()) {
    if (pod.hostNetwork || pod.finished) continue;
    const namespace = namespaceIndex.get(pod.namespace)!;
    let key = String(namespace);
    const { labels } = pod;
    for (const name of keys) {
      if (!Object.hasOwn(labels, name)) continue;
      const value = labels[name]!;
      key += `\u0001${name}\u0002${isNamed(relevant, name, value) ? value : OTHER}`;
    }
    const platform = platformIn(profile, pod);
    if (platform !== 'linux') key += `\u0005${platform}`;
    const meshed = isMeshed(labels, objects.namespaces[namespace]!.labels);
    if (meshed) key += '\u0006';
    const governed = runsOn(profile, platform);
    const labelled = governed || profile.engine !== 'cilium';
    // The ports of a mere address have no names.
    const ports =
      labelled && relevant.portNames.size > 0 ? pod.ports.filter((port) => relevant.portNames.has(port.name)) : [];
    for (const port of ports) key += `\u0003${port.name} ${port.protocol} ${port.port}`;
    const byAddress = !labelled || ipBlocksCoverPods(profile);
    const inside = byAddress ? atomsOf(pod, atoms) : [];
    if (inside.length > 0) key += `\u0004${inside.join()}`;
    const unplaced = byAddress && pod.ips.length === 0;
    if (unplaced) key += '\u0007';
    const known = classes.get(key);
    if (known) {
      known.members.push(index);
      known.weight += pod.replicas;
      continue;
    }
    classes.set(key, {
      namespace,
      labels: project(labels, relevant),
      ports,
      atoms: inside,
      unplaced,
      platform,
      governed,
      labelled,
      meshed,
      members: [index],
      weight: pod.replicas,
    });
  }
  return [...classes.values()];
}

const isNamed = ({ values, whole }: Relevant, key: string, value: string): boolean =>
  whole.has(key) || values.get(key)!.has(value);

function project(labels: Labels, relevant: Relevant): Labels {
  const kept: Record<string, string> = {};
  for (const [key, named] of relevant.values) {
    if (!Object.hasOwn(labels, key)) continue;
    const value = labels[key]!;
    kept[key] = named.has(value) || relevant.whole.has(key) ? value : OTHER;
  }
  return kept;
}

function atomsOf(pod: Pod, atoms: readonly IpRange[]): readonly number[] {
  const found: number[] = [];
  for (const text of pod.ips) {
    const ip = parseIp(text);
    const index = ip === undefined ? -1 : findAtom(atoms, ip);
    if (index !== -1) found.push(index);
  }
  return found.toSorted((a, b) => a - b);
}
