// `GET /api/status` and `GET /api/health`: is the fleet in order, and is Bulkhead?
import { z } from 'zod';
import { toClusterItem } from '../cluster-view.ts';
import { endOf } from '../../model/moment.ts';
import { whenField } from '../fields.ts';
import { etagOf } from '../http.ts';
import { MOST_BESIDE, countField } from '../paging.ts';
import { route } from '../route.ts';
import { clusterItem, fleetSubscription, fleetSummary, moment, scanOutcome } from '../shapes/fleet.ts';

const WORST = 10;

const nothingKnown = z.strictObject({ scan: z.null(), message: z.string() });
const failedDestination = z.strictObject({
  name: z.string().exactOptional(),
  kind: z.enum(['personal', 'groupChat', 'channel']),
  by: z.string(),
  failed: z.string(),
  triedAt: moment.exactOptional(),
});
const known = z.strictObject({
  scan: z.strictObject({
    id: z.string(),
    at: moment,
    closedAt: moment,
    outcome: scanOutcome,
    /** The first sentences about what is missing. */
    missing: z.array(z.string()),
    /** How many there are in all. */
    missingCount: z.int().min(0),
  }),
  ageSeconds: z.int().min(0),
  summary: fleetSummary,
  worst: z.array(clusterItem).max(WORST),
  /** The first of them; the summary has their number. */
  unreadableSubscriptions: z.array(fleetSubscription).max(MOST_BESIDE),
  /** The first conversations that subscribed and cannot be posted to at present; left out of what was known in the past. */
  failedDestinations: z.array(failedDestination).max(MOST_BESIDE).exactOptional(),
  failedDestinationsCount: countField.exactOptional(),
});

export const status = route({
  name: 'status',
  method: 'GET',
  path: 'status',
  access: 'read',
  summary:
    'The fleet at a glance, now or as it was known at `asOf`: counts by verdict, the worst clusters, and what could not be read.',
  query: z.object({ asOf: whenField.optional() }),
  responses: { 200: z.union([known, nothingKnown]) },
  async handle(services, { query }) {
    const asOf = query.asOf && endOf(query.asOf, services.zone);
    const fleet = await services.fleet(asOf);
    if (!fleet)
      return {
        status: 200,
        body: { scan: null, message: asOf ? 'Nothing was known then.' : 'No scan has finished yet.' },
      };
    const { scanId, at, closedAt, outcome, missing, missingCount, summary, clusters, subscriptions } = fleet;
    const asked = asOf ?? services.now();
    const failed = asOf ? undefined : await services.alerts.failedDestinations();
    const found = {
      scan: { id: scanId, at, closedAt, outcome, missing, missingCount },
      summary,
      worst: clusters
        .filter((cluster) => cluster.verdict === 'fail')
        .slice(0, WORST)
        .map(toClusterItem),
      unreadableSubscriptions: subscriptions.filter((subscription) => !subscription.readable).slice(0, MOST_BESIDE),
      ...(failed ? { failedDestinations: failed.slice(0, MOST_BESIDE), failedDestinationsCount: failed.length } : {}),
    };
    return {
      status: 200,
      // Growing older does not make it another answer.
      headers: { etag: etagOf(JSON.stringify(found)) },
      body: { ...found, ageSeconds: Math.max(0, Math.round((asked.getTime() - new Date(at).getTime()) / 1000)) },
    };
  },
});

const healthSchema = z.strictObject({
  status: z.enum(['ok', 'starting', 'overdue', 'failing']),
  message: z.string(),
  lastScan: z.strictObject({ id: z.string(), at: moment, outcome: scanOutcome }).exactOptional(),
  running: z.strictObject({ id: z.string(), openedAt: moment, deadline: moment }).exactOptional(),
  /** What is not as it should be although scans go on, a sentence each. */
  reasons: z.array(z.string()).exactOptional(),
  /** Conversations that subscribed and cannot be posted to. */
  failedDestinations: z.int().min(1).exactOptional(),
});

export const health = route({
  name: 'health',
  method: 'GET',
  path: 'health',
  access: 'anyone',
  summary: 'Whether scans are running as they should: 200, or 503 when they have stopped. It names no cluster.',
  responses: { 200: healthSchema, 503: healthSchema },
  async handle(services) {
    const found = await services.health();
    return {
      status: found.status === 'ok' || found.status === 'starting' ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
      body: found,
    };
  },
});
