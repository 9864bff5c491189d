// A folder of manifests as a cluster's objects, with everything said that was left out on the way.
import type { ClusterObjects, ObjectProblem, PolicyRef } from '../../shared/network/objects.ts';
import { directions, refName } from '../../shared/network/objects.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { isObject } from '../../shared/network/parse/raw.ts';
import { InputError } from './input.ts';
import type { Placed } from './manifests.ts';
import { readManifests } from './manifests.ts';

/** What lies in a folder, before anybody knows which engine it is for. */
export interface ReadFolder {
  readonly dir: string;
  /** Kubernetes objects, in the order in which they stand. */
  readonly placed: readonly Placed[];
  readonly objects: ClusterObjects;
  /** What was skipped, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly unread: readonly string[];
}

export interface Folder {
  readonly objects: ClusterObjects;
  /** How many documents and objects are not judged. */
  readonly leftOut: number;
}

/** Nobody reads more lines than this. */
const MAX_LINES = 20;

/** @throws InputError when there is no file to read, or nothing in any could be read */
export function readFolder(dir: string): ReadFolder {
  const { objects: all, unread } = readManifests(dir);
  const placed = all.filter(({ object }) => isKubernetes(object));
  if (placed.length === 0 && unread.length > 0) throw new InputError(bounded(unread).join('\n'));
  const { objects, skipped } = parseObjects(placed.map(({ object }) => object));
  const others = all.length - placed.length;
  return {
    dir,
    placed,
    objects,
    skipped: others > 0 ? new Map([...skipped, ['documents of other tools', others]]) : skipped,
    unread,
  };
}

/** @param engine as it was found for the folder @param say gets what is left out, and why @returns the objects that are judged under the engine */
export function openFolder(
  folder: ReadFolder,
  engine: { readonly isMixed: boolean },
  say: (message: string) => void,
): Folder {
  const { dir, placed, objects, skipped, unread } = folder;
  const problems = objects.problems.map((problem) => tell(problem, placed, 'is left out, '));
  const notes = objects.notes.map((note) => tell(note, placed, ''));
  for (const line of bounded([...unread, ...problems, ...notes])) say(line);
  const kinds = [...skipped].map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length > 0) say(`${dir}: skipped, not about network policy: ${kinds.join(', ')}`);
  const judged = engine.isMixed ? withoutForeign(objects) : objects;
  return { objects: judged, leftOut: unread.length + judged.problems.length };
}

/** Charts and their values lie beside manifests: kubectl would not take what has neither a kind nor the parts of an object. */
const isKubernetes = (object: unknown): boolean =>
  !isObject(object) || ['kind', 'metadata', 'spec'].some((part) => part in object);

/** A problem knows its object by name, or by its number where it has none. */
function tell({ ref, path, message }: ObjectProblem, placed: readonly Placed[], fate: string): string {
  const numbered = /^#(\d+)$/.exec(ref.name)?.[1];
  const found = numbered ? placed[Number(numbered) - 1] : placed.find(({ object }) => isNamed(object, ref));
  return `${found ? `${found.place}: ` : ''}${refName(ref)} ${fate}${path}: ${message}`;
}

function isNamed(object: unknown, { kind, namespace, name }: PolicyRef): boolean {
  if (!isObject(object) || object['kind'] !== kind || !isObject(object['metadata'])) return false;
  const { metadata } = object;
  return metadata['name'] === name && (namespace === '' || (metadata['namespace'] ?? 'default') === namespace);
}

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more like these`];
}

/** At most one of two engines is at work, and nobody knows which: neither's policies count, and what may depend on them is unknown. */
const withoutForeign = (objects: ClusterObjects): ClusterObjects => ({
  ...objects,
  ciliumPolicies: [],
  calicoPolicies: [],
  problems: [
    ...objects.problems,
    ...objects.foreignPolicies.map((ref) => ({
      ref,
      path: 'kind',
      message: 'it is not known which engine enforces it',
      reach: [{ namespaces: ref.namespace === '' ? undefined : ref.namespace, pods: [], directions }],
    })),
  ],
});
