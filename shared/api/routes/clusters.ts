// `GET /api/clusters`; one cluster, its history, and who reaches whom in it.
import { z } from 'zod';
import { toReport } from '../../audit/report.ts';
import type { FleetCluster } from '../../model/fleet.ts';
import { readReach } from '../../network/index.ts';
import { engines, severities, verdicts } from '../../model/verdict.ts';
import type { KnownResult } from '../api-services.ts';
import { findCluster, lastLook, toClusterItem } from '../cluster-view.ts';
import { ApiError } from '../errors.ts';
import { endOf } from '../../model/moment.ts';
import { choiceField, whenField, wholeField } from '../fields.ts';
import { DEFAULT_PAGE, pageOf, pageParameters, pageSchema } from '../paging.ts';
import { route } from '../route.ts';
import { clusterItem } from '../shapes/fleet.ts';
import { knownResult, reach } from '../shapes/result.ts';

const filters = {
  verdict: choiceField(verdicts).optional(),
  engine: choiceField(engines).optional(),
  severity: choiceField(severities).optional(),
  subscription: z.string().toLowerCase().optional(),
  resourceGroup: z.string().toLowerCase().optional(),
  rule: z.string().optional(),
  tag: z
    .string()
    .regex(/^[^:]+(:.*)?$/, 'must be NAME or NAME:VALUE')
    .optional(),
  name: z.string().toLowerCase().optional(),
};

type Filters = { readonly [K in keyof typeof filters]?: z.output<(typeof filters)[K]> | undefined };

export const clusters = route({
  name: 'clusters',
  method: 'GET',
  path: 'clusters',
  access: 'read',
  summary:
    'The clusters, worst first, filtered and in pages. `tag` is NAME or NAME:VALUE; `name` is the beginning of one.',
  query: z.object({
    ...filters,
    asOf: whenField.optional(),
    ...pageParameters,
  }),
  responses: { 200: pageSchema(clusterItem) },
  async handle(services, asked) {
    const fleet = await services.fleet(asked.query.asOf && endOf(asked.query.asOf, services.zone));
    const found = (fleet?.clusters ?? []).filter((cluster) => matches(cluster, asked.query));
    return { status: 200, body: pageOf(found, toClusterItem, asked) };
  },
});

function matches(cluster: FleetCluster, query: Filters): boolean {
  return (
    (query.verdict === undefined || cluster.verdict === query.verdict) &&
    (query.engine === undefined || cluster.engine === query.engine) &&
    (query.severity === undefined || cluster.worst === query.severity) &&
    (query.subscription === undefined || cluster.subscriptionId === query.subscription) &&
    (query.resourceGroup === undefined || cluster.resourceGroup.toLowerCase() === query.resourceGroup) &&
    (query.rule === undefined || cluster.failing.includes(query.rule)) &&
    (query.name === undefined || cluster.name.toLowerCase().startsWith(query.name)) &&
    (query.tag === undefined || hasTag(cluster, query.tag))
  );
}

/** @param wanted NAME or NAME:VALUE; Azure compares names of tags in any case */
function hasTag({ tags }: FleetCluster, wanted: string): boolean {
  const [name, ...rest] = wanted.split(':');
  const value = rest.length > 0 ? rest.join(':') : undefined;
  return Object.entries(tags).some(
    ([tag, is]) => tag.toLowerCase() === name!.toLowerCase() && (value === undefined || is === value),
  );
}

export const cluster = route({
  name: 'cluster',
  method: 'GET',
  path: 'clusters/{*id}',
  access: 'read',
  summary:
    'One cluster with all its findings, by id, ARM id or unique name. Append `/history` for its changes, also when it is gone, and `/reach` for who can reach whom.',
  query: z.object({ asOf: whenField.optional(), maxpagesize: wholeField(1, 1000).optional() }),
  responses: {
    200: z.union([knownResult.extend({ fleet: clusterItem }), z.strictObject({ value: z.array(knownResult) }), reach]),
  },
  async handle(services, { id, query: { asOf: when, maxpagesize } }) {
    const asOf = when && endOf(when, services.zone);
    const [, wanted = '', view] = /^(.*?)(?:\/(history|reach))?$/s.exec(id) ?? [];
    const fleet = await services.fleet(asOf);
    const inFleet = findCluster(fleet?.clusters ?? [], wanted);
    const found = inFleet ?? findCluster(await services.everKnown(), wanted);
    if (!found) throw noCluster(wanted);
    if (view === 'history') {
      const changes = await services.history(found.key, asOf, maxpagesize ?? DEFAULT_PAGE);
      if (!inFleet && changes.length === 0) throw noCluster(wanted);
      return { status: 200, body: { value: changes.map((known) => toKnown(found.key, known)) } };
    }
    const stored = await services.result(found.key, asOf);
    if (!stored && inFleet)
      throw new ApiError(404, 'ClusterNotAudited', `${found.name} has been listed, but not audited yet.`, 'id');
    // A cluster that has left the fleet has a history, but no present.
    if (!stored || (!inFleet && fleet && stored.storedAt <= fleet.closedAt)) throw noCluster(wanted);
    const known = { ...stored, ...lastLook(stored, fleet, found.key) };
    if (view === 'reach') return { status: 200, body: toReach(found, known) };
    // A scan that is under way may have stored a result after the fleet was stored: the later of the two speaks.
    const line = inFleet && fleet && stored.storedAt <= fleet.closedAt ? inFleet : stored.line;
    return { status: 200, body: { ...toKnown(found.key, known), fleet: toClusterItem(line) } };
  },
});

const noCluster = (wanted: string): ApiError =>
  new ApiError(404, 'ClusterNotFound', `There is no cluster ${wanted.slice(0, 200)}.`, 'id');

/** Who reaches whom, as last seen. */
function toReach({ key, name }: FleetCluster, { result, scanId }: KnownResult) {
  if (!result.reach)
    throw new ApiError(
      404,
      'ReachNotKnown',
      `Bulkhead has never been able to look inside ${name}: its result says why.`,
      'id',
    );
  const { exposure, namespaceExposure } = result;
  return {
    key,
    name,
    scan: scanId,
    ...(exposure === undefined ? {} : { exposure }),
    ...(namespaceExposure === undefined ? {} : { namespaceExposure }),
    workloads: readReach(result.reach),
  };
}

function toKnown(key: string, known: KnownResult) {
  const { result, scanId, checkedAt, managedNamespacesAt, changedScanId, since } = known;
  const { unreadable, exposure, midOperation, gone } = result;
  return {
    key,
    ...toReport(result),
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
