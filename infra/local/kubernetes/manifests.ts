// The manifests of a simulated cluster: YAML that a person can edit, read again whenever a file changes.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '../../cli/manifests.ts';
import type { KubeObject } from './object.ts';
import { isKubeObject } from './object.ts';

interface ReadFile {
  readonly stamp: string;
  readonly objects: readonly KubeObject[];
}

export interface ManifestReader {
  /** @returns every object below the folder, the very same array while nothing changed, empty when there is no folder */
  read(dir: string): readonly KubeObject[];
}

/** @param warn gets a sentence when an edited file cannot be read; its last good version is served meanwhile */
export function createManifestReader(warn: (sentence: string) => void): ManifestReader {
  const files = new Map<string, ReadFile>();
  const folders = new Map<string, { readonly stamp: string; readonly objects: readonly KubeObject[] }>();

  /** @returns what was last read of a file that is missing, as it is for a moment when an editor replaces it */
  function readFile(path: string): ReadFile | undefined {
    const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs === undefined) return files.get(path);
    const stamp = `${path} ${mtimeMs} ${size}`;
    const known = files.get(path);
    if (known?.stamp === stamp) return known;
    const read = { stamp, objects: parse(path) ?? known?.objects ?? [] };
    files.set(path, read);
    return read;
  }

  function parse(path: string): readonly KubeObject[] | undefined {
    try {
      const { objects: placed, unread } = readManifests(path);
      if (unread.length > 0) throw new Error(unread.join('; '));
      const all = placed.map(({ object }) => object);
      const objects = all.filter(isKubeObject);
      if (objects.length < all.length)
        warn(`${path} holds ${all.length - objects.length} objects without apiVersion, kind or metadata.name.`);
      return objects;
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      warn(`${cause}; ${files.has(path) ? 'its last good version is served' : 'it is left out'}.`);
      return undefined;
    }
  }

  return {
    read(dir) {
      const paths = yamlFiles(dir);
      const read = paths.map(readFile).filter((file) => file !== undefined);
      const stamp = read.map((file) => file.stamp).join('\n');
      const known = folders.get(dir);
      if (known?.stamp === stamp) return known.objects;
      const objects = read.flatMap((file) => file.objects);
      folders.set(dir, { stamp, objects });
      return objects;
    },
  };
}

function yamlFiles(dir: string): readonly string[] {
  if (dir === '' || !statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => join(dir, name));
}
