// From files to results: clusters of an export, folders of manifests, or both.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { auditCluster, unreadableResult } from '../../shared/audit/audit.ts';
import { settings } from '../../shared/config.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { ListedCluster } from '../../shared/model/estate.ts';
import type { InCluster } from '../../shared/model/in-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { refName } from '../../shared/network/objects.ts';
import { rules } from '../../shared/rules/index.ts';
import type { AuditOptions } from './audit-options.ts';
import { InputError, parseJson, toBodies } from './input.ts';
import { readManifests } from './manifests.ts';

/** The clusters of one export, and what of a folder is left out, said on the way. @throws InputError */
export function auditInput(options: AuditOptions, say: (text: string) => void): readonly Result[] {
  const excludedNamespaces = settings.excludedNamespaces.schema.parse(settings.excludedNamespaces.default ?? '');
  const { now, manifests } = options;
  if (options.clusters === undefined) {
    const { dir } = manifests[0]!;
    const cluster = folderCluster(dir, options.engine);
    const snapshot = { cluster, inCluster: readInside(dir, say), now, excludedNamespaces };
    return [auditCluster(snapshot, rules.filter(isAboutObjects))];
  }
  const listed = readClusters(options.clusters);
  const folders = assign(listed, manifests, options.clusters);
  return listed.map((item) => {
    if ('problem' in item) return unreadableResult(item, 'cluster-unreadable', item.problem, undefined);
    const dir = folders.get(item);
    const inside = dir === undefined ? {} : { inCluster: readInside(dir, say) };
    return auditCluster({ cluster: item.cluster, now, excludedNamespaces, ...inside });
  });
}

/** Without an ARM body only what a folder tells is judged: its objects, and the exemptions written on them. */
const isAboutObjects = ({ id, plane }: (typeof rules)[number]): boolean =>
  plane === 'in-cluster' || id === 'exemption-valid';

function readClusters(file: string): readonly ListedCluster[] {
  const name = file === '-' ? 'standard input' : file;
  return toBodies(parseJson(readText(file, name), name), name).map((body, index) => {
    const listed = parseCluster(body);
    if (listed.id === '')
      throw new InputError(
        `${name}: element ${index} is no managed cluster: ${'problem' in listed ? listed.problem : ''}`,
      );
    return listed;
  });
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @returns the folder of each cluster that has one @throws InputError when a name is nobody's, or not one cluster's alone */
function assign(
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
        `--manifests ${cluster}=${dir}: ${file} holds no cluster ${cluster}; it holds ${listed.map(({ name }) => name).join(', ')}`,
      );
    if (found.length > 1)
      throw new InputError(`--manifests ${cluster}=${dir}: ${found.length} clusters have that name; give the ARM id`);
    if (folders.has(found[0]!))
      throw new InputError(`--manifests ${cluster}=${dir}: the cluster has a folder already; one is taken`);
    folders.set(found[0]!, dir);
  }
  return folders;
}

function readInside(dir: string, say: (text: string) => void): InCluster {
  const { objects, skipped } = parseObjects(readManifests(dir));
  for (const { ref, path, message } of objects.problems)
    say(`${dir}: ${refName(ref)} is left out, ${path}: ${message}`);
  if (skipped.size > 0) {
    const kinds = [...skipped].map(([kind, count]) => `${count} ${kind}`).join(', ');
    say(`${dir}: skipped, not about network policy: ${kinds}`);
  }
  return { status: 'read', objects, forbiddenKinds: [], fromManifests: true };
}

/** A folder stands for a cluster of which nothing is known but the engine that was said. */
function folderCluster(dir: string, engine: AuditOptions['engine']): Cluster {
  return {
    id: `manifests:${dir}`,
    name: basename(resolve(dir)) || dir,
    subscriptionId: '',
    resourceGroup: '',
    location: '',
    tags: {},
    network: {
      plugin: 'azure',
      policy: engine,
      ...(engine === 'cilium' ? { dataplane: 'cilium' } : {}),
      ipFamilies: [],
      podCidrs: [],
      serviceCidrs: [],
    },
    pools: [],
    autoProvisioning: false,
    entra: false,
    azureRbac: false,
    localAccountsDisabled: false,
    privateApi: false,
    authorizedIpRanges: [],
    runCommandDisabled: false,
  };
}
