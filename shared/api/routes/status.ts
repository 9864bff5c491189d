// `GET /api/status` and `GET /api/health`: is the fleet in order, and is Bulkhead?
import { z } from 'zod';
import { etagOf } from '../serve.ts';
import { momentParameter, route } from '../route.ts';
import { toClusterItem } from '../cluster-view.ts';

const WORST = 10;

export const status = route({
  name: 'status',
  method: 'GET',
  path: 'status',
  access: 'key',
  summary: 'The fleet at a glance: counts by verdict, the worst clusters, and what could not be read.',
  query: z.object({ asOf: momentParameter.optional() }),
  async handle(services, _request, { asOf }) {
    const fleet = await services.fleet(asOf);
    if (!fleet)
      return {
        status: 200,
        body: { scan: null, message: asOf ? 'Nothing was known then.' : 'No scan has finished yet.' },
      };
    const { scanId, at, closedAt, outcome, missing, summary, clusters, subscriptions } = fleet;
    const asked = asOf ?? services.now();
    return {
      status: 200,
      headers: { etag: etagOf('status', scanId, closedAt) },
      body: {
        scan: { id: scanId, at, closedAt, outcome, missing },
        ageSeconds: Math.max(0, Math.round((asked.getTime() - new Date(at).getTime()) / 1000)),
        summary,
        worst: clusters
          .filter((cluster) => cluster.verdict === 'fail')
          .slice(0, WORST)
          .map(toClusterItem),
        unreadableSubscriptions: subscriptions.filter((subscription) => !subscription.readable),
      },
    };
  },
});

export const health = route({
  name: 'health',
  method: 'GET',
  path: 'health',
  access: 'anonymous',
  summary: 'Whether scans happen: 200, or 503 when they have stopped. Names no cluster.',
  query: z.object({}),
  async handle(services) {
    const found = await services.health();
    return {
      status: found.status === 'ok' || found.status === 'starting' ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
      body: found,
    };
  },
});
