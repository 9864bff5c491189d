// `GET /api/clusters`: all of them, filtered.
import { z } from 'zod';
import type { FleetCluster } from '../../model/fleet.ts';
import { engines, severities, verdicts } from '../../model/verdict.ts';
import { toClusterItem } from '../cluster-view.ts';
import { endOf } from '../../model/moment.ts';
import { choiceField, whenField } from '../fields.ts';
import { countedPageOf, countedSchema, pageParameters } from '../paging.ts';
import { route } from '../route.ts';
import { clusterItem } from '../shapes/fleet.ts';

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
  responses: { 200: countedSchema(clusterItem) },
  async handle(services, asked) {
    const fleet = await services.fleet(asked.query.asOf && endOf(asked.query.asOf, services.zone));
    const found = (fleet?.clusters ?? []).filter((cluster) => matches(cluster, asked.query));
    return { status: 200, body: await countedPageOf(found, toClusterItem, asked) };
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
