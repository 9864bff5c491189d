// From files to results: clusters of an export, folders of manifests, or both.
import { auditCluster, unreadableResult } from '../../shared/audit/audit.ts';
import { settings } from '../../shared/app/settings.ts';
import { describeUnreadable } from '../../shared/model/cluster.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { ListedCluster } from '../../shared/model/estate.ts';
import type { InClusterRead } from '../../shared/model/in-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import type { ClusterObjects } from '../../shared/network/objects.ts';
import { catalogue, rules } from '../../shared/rules/index.ts';
import type { Rule, Snapshot } from '../../shared/rules/rule.ts';
import { viewOf } from '../../shared/rules/evidence/view.ts';
import type { AuditOptions } from './audit-options.ts';
import { assignFolders } from './assign-folders.ts';
import { countTypes, readExport } from './clusters.ts';
import { openFolder, readFolder } from './folder.ts';
import { folderCluster } from './folder-cluster.ts';
import type { FolderEngine } from './folder-engine.ts';
import { engineOfFolders } from './folder-engine.ts';
import { parseJson } from './input.ts';
import type { Io } from './program.ts';
import { readText } from './text.ts';
import type { Uncounted } from './uncounted.ts';
import { countUncounted } from './uncounted.ts';

/** A judged cluster and, where its pods were given, how many of them its findings say nothing about. */
export interface Audited {
  readonly result: Result;
  readonly uncounted?: Uncounted;
  /** For a folder alone: the engine it was judged under. */
  readonly engine?: FolderEngine;
}

export interface AuditedInput {
  readonly audited: readonly Audited[];
  /** How many documents, objects and pages were left out. */
  readonly leftOut: number;
}

const excludedNamespaces = settings.excludedNamespaces.schema.parse(settings.excludedNamespaces.default ?? '');

/** @returns the clusters of one export, or the one that a folder stands for; what is left out is said on the way @throws InputError */
export function auditInput(options: AuditOptions, io: Io): AuditedInput {
  return options.clusters === undefined ? auditFolder(options, io) : auditExport(options, options.clusters, io);
}

function auditFolder({ manifests, engine: said, now }: AuditOptions, io: Io): AuditedInput {
  const { dir } = manifests[0]!;
  const folder = readFolder(dir);
  const engine = engineOfFolders(said, [folder]);
  io.say(`${dir}: ${engine.because}.`);
  const { objects, leftOut } = openFolder(folder, engine, io.say);
  const inCluster: InClusterRead = { ...asRead(objects), ...(engine.isAssumed ? { engineAssumed: true } : {}) };
  const snapshot = { cluster: folderCluster(dir, engine.engine), inCluster, now, excludedNamespaces };
  const result = auditCluster(snapshot, { ...catalogue, rules: rules.filter(isAboutObjects) });
  return { audited: [{ result, engine, uncounted: countJudged(snapshot) }], leftOut };
}

/** Without an ARM body only what a folder holds is judged: its objects, and the exemptions written on them. */
const isAboutObjects = ({ plane, needsNoBody }: Rule): boolean => plane === 'in-cluster' || needsNoBody === true;

function auditExport({ manifests, now }: AuditOptions, file: string, io: Io): AuditedInput {
  const { listed, leftOut } = readClusters(file, io);
  const folders = assignFolders(listed, manifests, file);
  let left = leftOut + tellUnreadable(listed, io);
  const audited = listed.map((item): Audited => {
    if ('problem' in item) return { result: unreadableResult(item, 'cluster-unreadable', item.problem, undefined) };
    const dir = folders.get(item);
    if (dir === undefined) return { result: auditCluster({ cluster: item.cluster, now, excludedNamespaces }) };
    const folder = openFolder(readFolder(dir), { isMixed: false }, io.say);
    left += folder.leftOut;
    const snapshot: Snapshot = { cluster: item.cluster, inCluster: asRead(folder.objects), now, excludedNamespaces };
    return { result: auditCluster(snapshot), uncounted: countJudged(snapshot) };
  });
  return { audited, leftOut: left };
}

function readClusters(file: string, io: Io): { listed: readonly ListedCluster[]; leftOut: number } {
  const name = file === '-' ? 'standard input' : file;
  const { bodies, others, more } = readExport(parseJson(readText(file, io.stdin), name), name);
  if (others.size > 0) io.say(`${name}: skipped, not managed clusters: ${countTypes(others)}`);
  if (more !== undefined) io.say(`${name}: more clusters exist than are judged here: ${more}.`);
  const all = bodies.map(parseCluster);
  const listed = [...new Map(all.map((cluster) => [cluster.id, cluster])).values()];
  if (listed.length < all.length)
    io.say(
      `${name}: ${all.length - listed.length} of ${all.length} clusters are listed again: the last of each counts.`,
    );
  return { listed, leftOut: more === undefined ? 0 : 1 };
}

/** Where no rule needs the field, nothing else would mention it. @returns how many fields were named */
function tellUnreadable(listed: readonly ListedCluster[], io: Io): number {
  const fields = listed.flatMap((item) =>
    'problem' in item ? [] : (item.cluster.unreadableFields ?? []).map((field) => ({ name: item.name, field })),
  );
  for (const { name, field } of fields)
    io.say(`${name}: ${describeUnreadable(field)} What does not need it is judged.`);
  return fields.length;
}

const asRead = (objects: ClusterObjects): InClusterRead => ({
  status: 'read',
  objects,
  forbiddenKinds: [],
  fromManifests: true,
});

function countJudged(snapshot: Snapshot): Uncounted {
  const { net, judged } = viewOf(snapshot);
  return countUncounted(net, ({ namespace }) => judged(namespace));
}
