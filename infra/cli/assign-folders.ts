// Which folder of manifests belongs to which cluster of an export.
import type { ListedCluster } from '../../shared/model/estate.ts';
import type { AuditOptions } from './audit-options.ts';
import { InputError } from './input.ts';

/** @returns the folder of each cluster that has one @throws InputError when no cluster has a name that was given, or several have it */
export function assignFolders(
  listed: readonly ListedCluster[],
  manifests: AuditOptions['manifests'],
  file: string,
): ReadonlyMap<ListedCluster, string> {
  const folders = new Map<ListedCluster, string>();
  for (const { cluster, dir } of manifests) {
    const wanted = cluster.toLowerCase();
    const found = listed.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
    if (found.length === 0)
      throw new InputError(
        `--manifests ${cluster}=${dir}: ${file} holds no cluster ${cluster}; it holds ${some(listed.map(({ name }) => name))}`,
      );
    if (found.length > 1)
      throw new InputError(`--manifests ${cluster}=${dir}: ${found.length} clusters have that name; give the ARM id`);
    if (folders.has(found[0]!))
      throw new InputError(`--manifests ${cluster}=${dir}: the cluster already has a folder, and takes only one`);
    folders.set(found[0]!, dir);
  }
  return folders;
}

/** A fleet has more names than anybody reads. */
const some = (names: readonly string[]): string =>
  names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`;
