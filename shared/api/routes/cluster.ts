// `GET /api/clusters/{id}`: one cluster, its history, and who reaches whom in it. Each is a list of its own, in pages.
import { z } from 'zod';
import { toReport } from '../../audit/report.ts';
import { endOf } from '../../model/moment.ts';
import type { Fleet, FleetCluster } from '../../model/fleet.ts';
import { readReach } from '../../network/index.ts';
import type { WorkloadReach } from '../../network/index.ts';
import type { ApiServices, KnownResult } from '../api-services.ts';
import { called, findCluster, lastLook, toClusterItem } from '../cluster-view.ts';
import { ApiError } from '../errors.ts';
import { whenField } from '../fields.ts';
import type { PageAsked } from '../paging.ts';
import { pageOf, pageParameters, pageSchema } from '../paging.ts';
import { route } from '../route.ts';
import { clusterItem } from '../shapes/fleet.ts';
import { knownResult, pastResult, reach } from '../shapes/result.ts';

/** Of each change in a history, this many findings are shown: `asOf` has all of them. */
const MOST_PAST_FINDINGS = 20;
/** Of namespaces at one end of a workload, and of those whose exposure is told. */
const MOST_NAMESPACES = 1_000;

export const cluster = route({
  name: 'cluster',
  method: 'GET',
  path: 'clusters/{*id}',
  access: 'read',
  summary:
    'One cluster with its findings, worst first, in pages: by id, ARM id or unique name. Append `/history` for its changes, also when it is gone, and `/reach` for who can reach whom.',
  query: z.object({ asOf: whenField.optional(), ...pageParameters }),
  responses: { 200: z.union([knownResult.extend({ fleet: clusterItem }), pageSchema(pastResult), reach]) },
  async handle(services, asked) {
    const asOf = asked.query.asOf && endOf(asked.query.asOf, services.zone);
    const [, wanted = '', view] = /^(.*?)(?:\/(history|reach))?$/s.exec(asked.id) ?? [];
    const fleet = await services.fleet(asOf);
    const inFleet = findCluster(fleet?.clusters ?? [], wanted);
    const found = inFleet ?? findCluster(await called(services.everKnown(), wanted), wanted);
    if (!found) throw noCluster(wanted);
    if (view === 'history') {
      const changes = await pageOf(services.history(found.key, asOf), (known) => toPast(found.key, known), asked);
      if (!inFleet && changes.value.length === 0) throw noCluster(wanted);
      return { status: 200, body: changes };
    }
    const stored = await storedOf(services, found, { asOf, inFleet, fleet });
    const known = { ...stored, ...lastLook(stored, fleet, found.key) };
    if (view === 'reach') return { status: 200, body: await toReach(found, known, asked) };
    // A scan that is under way may have stored a result after the fleet was stored: the later of the two speaks.
    const line = inFleet && fleet && stored.storedAt <= fleet.closedAt ? inFleet : stored.line;
    return { status: 200, body: { ...(await toKnown(found.key, known, asked)), fleet: toClusterItem(line) } };
  },
});

interface Present {
  readonly asOf: Date | undefined;
  readonly inFleet: FleetCluster | undefined;
  readonly fleet: Fleet | undefined;
}

/** @throws ApiError 404 for a cluster that was not audited yet, and for one that has left the fleet: it has a history, but no present */
async function storedOf(services: ApiServices, found: FleetCluster, { asOf, inFleet, fleet }: Present) {
  const stored = await services.result(found.key, asOf);
  if (!stored && inFleet)
    throw new ApiError(404, 'ClusterNotAudited', `${found.name} has been listed, but not audited yet.`, 'id');
  if (!stored || (!inFleet && fleet && stored.storedAt <= fleet.closedAt)) throw noCluster(found.name);
  return stored;
}

const noCluster = (wanted: string): ApiError =>
  new ApiError(404, 'ClusterNotFound', `There is no cluster ${wanted.slice(0, 200)}.`, 'id');

/** Who reaches whom, as last seen. */
async function toReach({ key, name }: FleetCluster, { result, scanId }: KnownResult, asked: PageAsked) {
  if (!result.reach)
    throw new ApiError(
      404,
      'ReachNotKnown',
      `Bulkhead has never been able to look inside ${name}: its result says why.`,
      'id',
    );
  const { exposure, namespaceExposure } = result;
  const exposed = Object.entries(namespaceExposure ?? {}).toSorted(([, a], [, b]) => b - a);
  const all = readReach(result.reach);
  const { value: workloads, ...rest } = await pageOf(all, toWorkload, asked);
  return {
    key,
    name,
    scan: scanId,
    ...(exposure === undefined ? {} : { exposure }),
    ...(namespaceExposure === undefined ? {} : { namespaceExposure: fromEntries(exposed.slice(0, MOST_NAMESPACES)) }),
    namespaceCount: exposed.length,
    workloads,
    workloadsCount: all.length,
    ...rest,
  };
}

const fromEntries = <V>(entries: readonly (readonly [string, V])[]): Record<string, V> => Object.fromEntries(entries);

const toWorkload = ({ workload, from, to }: WorkloadReach) => ({ workload, from: toEnd(from), to: toEnd(to) });

const toEnd = ({ namespaces, ...rest }: WorkloadReach['from']) => ({
  namespaces: namespaces.slice(0, MOST_NAMESPACES),
  namespacesCount: namespaces.length,
  ...rest,
});

/** @returns what is known now, with the page of its findings */
async function toKnown(key: string, known: KnownResult, asked: PageAsked) {
  const { findings: all, ...report } = toReport(known.result);
  const { value: findings, ...rest } = await pageOf(all, (finding) => finding, asked);
  const { tags } = known.result;
  return { ...report, tags, findings, findingsCount: all.length, ...circumstances(key, known), ...rest };
}

/** @returns a change, with its worst findings */
function toPast(key: string, known: KnownResult) {
  const { findings, ...report } = toReport(known.result);
  const worst = findings.slice(0, MOST_PAST_FINDINGS);
  return { ...report, findings: worst, findingsCount: findings.length, ...circumstances(key, known) };
}

function circumstances(key: string, known: KnownResult) {
  const { result, scanId, checkedAt, managedNamespacesAt, changedScanId, since } = known;
  const { unreadable, exposure, midOperation, gone } = result;
  return {
    key,
    scan: scanId,
    checkedAt,
    ...(managedNamespacesAt === undefined ? {} : { managedNamespacesAt }),
    changedScan: changedScanId,
    since,
    midOperation,
    ...(exposure === undefined ? {} : { exposure }),
    ...(unreadable === undefined ? {} : { unreadable }),
    ...(gone ? { gone } : {}),
  };
}
