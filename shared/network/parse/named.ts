// What raw objects are called, and which of several that are one object counts.
import { commonName, isCalico, isOlder } from './calico-storage.ts';
import type { ObjectProblem, PolicyRef } from '../objects.ts';
import type { Raw } from './raw.ts';
import { isAbsent, isObject } from './raw.ts';

const DEFAULT_NAMESPACE = 'default';
const CLUSTER_WIDE = new Set([
  'Node',
  'CiliumCIDRGroup',
  'GlobalNetworkSet',
  'Tier',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'GlobalNetworkPolicy',
]);

export interface Named {
  readonly raw: Raw;
  readonly kind: string;
  readonly group: string;
  readonly namespace: string;
  readonly name: string;
  /** The API server makes a name of its own from `generateName`, each time another. */
  readonly generated: boolean;
}

/** @returns the objects that have a name, each once; a problem for every other */
export function namedObjects(raws: Iterable<unknown>, problems: ObjectProblem[]): readonly Named[] {
  const all: Named[] = [];
  let position = 0;
  for (const raw of raws) {
    position++;
    const found = nameOf(raw);
    if (typeof found === 'string') problems.push(nameless(raw, position, found));
    else all.push(found);
  }
  return withoutOlder(withoutEarlier(all, problems));
}

/** The longest that the API server takes (RFC 1123 subdomain). */
const MAX_NAME = 253;

/** @returns what an object is called, or the path at which it says nothing usable */
function nameOf(raw: unknown): Named | string {
  if (!isObject(raw) || typeof raw['kind'] !== 'string' || raw['kind'].length > MAX_NAME) return 'kind';
  const { kind, apiVersion, metadata } = raw;
  if (typeof apiVersion !== 'string') return 'apiVersion';
  if (!isObject(metadata)) return 'metadata';
  const { name, generateName, namespace } = metadata;
  const called = typeof name === 'string' && name !== '' ? name : generateName;
  if (typeof called !== 'string' || called === '' || called.length > MAX_NAME) return 'metadata.name';
  const isPlaced = typeof namespace === 'string' && namespace !== '';
  if (isPlaced ? namespace.length > MAX_NAME : !isAbsent(namespace) && namespace !== '') return 'metadata.namespace';
  const slash = apiVersion.indexOf('/');
  return {
    raw,
    kind,
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    namespace: isPlaced ? namespace : DEFAULT_NAMESPACE,
    name: called,
    generated: called !== name,
  };
}

/** Known by its place among the objects, from 1. */
const nameless = (raw: unknown, position: number, path: string): ObjectProblem => ({
  ref: {
    group: '',
    kind: isObject(raw) && typeof raw['kind'] === 'string' ? raw['kind'].slice(0, MAX_NAME) : 'Object',
    namespace: '',
    name: `#${position}`,
  },
  path,
  message: `an object needs kind, apiVersion and a name of at most ${MAX_NAME} characters`,
});

export const refOf = ({ group, kind, namespace, name }: Named): PolicyRef => ({
  group,
  kind,
  namespace: CLUSTER_WIDE.has(kind) ? '' : namespace,
  name,
});

/** No cluster has two objects of one name: the later one counts, as applying them in turn would have it. */
function withoutEarlier(all: readonly Named[], problems: ObjectProblem[]): readonly Named[] {
  const keyOf = ({ group, kind, namespace, name }: Named): string => `${namespace}/${kind}/${name}/${group}`;
  const last = new Map(all.map((item) => [keyOf(item), item]));
  if (last.size === all.length) return all;
  return all.filter((item) => {
    if (item.generated || last.get(keyOf(item)) === item) return true;
    problems.push({
      ref: refOf(item),
      path: 'metadata.name',
      message: 'another object of this name follows, and counts instead',
    });
    return false;
  });
}

/** Calico serves one object in two groups, and a migration copies it from one to the other: the newer group's counts. */
function withoutOlder(all: readonly Named[]): readonly Named[] {
  const calico = all.filter(({ group }) => isCalico(group));
  const keyOf = ({ raw, kind, group, namespace, name }: Named): string =>
    `${namespace}/${kind}/${commonName(raw, kind, group, name)}`;
  const newer = new Set(calico.filter(({ group }) => !isOlder(group)).map(keyOf));
  if (newer.size === 0) return all;
  const older = new Set(calico.filter((item) => isOlder(item.group) && newer.has(keyOf(item))));
  return all.filter((item) => !older.has(item));
}
