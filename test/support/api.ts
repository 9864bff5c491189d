// Asking the API's routes without a host: services in memory, each replaceable.
import { routes } from '../../shared/api/index.ts';
import { addressesOf } from '../../shared/api/address.ts';
import type { Access } from '../../shared/api/caller.ts';
import { textOf } from '../../shared/api/parse.ts';
import { serve, WrongAnswer } from '../../shared/api/serve.ts';
import type { ApiServices } from '../../shared/api/api-services.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import type { Scan } from '../../shared/model/scan.ts';
import type { Log } from '../../shared/ports.ts';
import { personWith, platformAccess } from './callers.ts';
import { memoryAlerts } from './alert-service.ts';
import { fleetCluster, fleetOf } from './fleet.ts';

const strict: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_message, { error } = {}) => {
    if (error instanceof WrongAnswer) throw error;
  },
};

export const apiFleet: Fleet = fleetOf([
  fleetCluster('shop', {
    verdict: 'fail',
    worst: 'high',
    engine: 'none',
    failing: ['engine-enabled'],
    tags: { team: 'web' },
  }),
  fleetCluster('Pay', { verdict: 'unknown', unknownReasons: ['byo-cni'] }),
  fleetCluster('twin', { resourceGroup: 'a' }),
  fleetCluster('twin', { resourceGroup: 'b' }),
]);

export const apiScan: Scan = {
  id: 'm-20261121T100000000Z-abc',
  at: '2026-11-21T10:00:00.000Z',
  by: 'api',
  openedAt: '2026-11-21T10:00:00.000Z',
  deadline: '2026-11-21T10:25:00.000Z',
  state: 'open',
  sealed: false,
  sentAt: '2026-11-21T10:00:00.000Z',
  subscriptions: 0,
  dispatched: false,
  skipped: 0,
};

export const makeServices = (more: Partial<ApiServices> = {}): ApiServices => ({
  now: () => new Date('2026-11-21T10:10:00Z'),
  zone: 'UTC',
  periodMinutes: 30,
  fleet: async () => apiFleet,
  async *everKnown() {
    yield* apiFleet.clusters;
  },
  result: async () => undefined,
  history: async function* () {},
  drift: async function* () {},
  trend: async () => [],
  closeBefore: async () => undefined,
  openScan: async () => ({ scan: apiScan, created: true }),
  scan: async (id) => (id === apiScan.id ? { scan: apiScan } : undefined),
  scans: async () => [apiScan],
  health: async () => ({ status: 'ok', message: 'fine' }),
  alerts: memoryAlerts({ now: () => new Date('2026-11-21T10:10:00Z') }),
  ...more,
});

export interface Asked {
  readonly services?: ApiServices;
  readonly params?: { readonly id: string };
  readonly headers?: Record<string, string>;
  /** Another method than the route's own. */
  readonly method?: string;
  readonly log?: Log;
  /** Left out, the platform vouches for callers. */
  readonly access?: Access;
  /** Sent as it is when it is text, as JSON otherwise. */
  readonly body?: unknown;
}

const addresses = addressesOf(routes);

/** @param name of the route, which Robin asks unless the headers say otherwise @param query with its question mark @throws WrongAnswer when the route answers what it does not declare */
export async function ask(
  name: string,
  query = '',
  {
    services = makeServices(),
    params: { id } = { id: '' },
    body = '',
    access = platformAccess,
    log = strict,
    ...sent
  }: Asked = {},
) {
  const route = routes.find((r) => r.name === name)!;
  const address = addresses.find(({ path }) => path === route.path)!;
  const { method = route.method } = sent;
  const headers = new Headers({ 'x-ms-client-principal': personWith('Compliance.Operate'), ...sent.headers });
  const url = new URL(`https://bulkhead.example/api/${route.path.replace(/\{\*?id\}/, () => id)}${query}`);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const read = () => textOf({ declared: undefined, bytes: new Blob([text]).stream() });
  const asked = { method, id, query: url.searchParams, headers, url, body: read };
  const response = await serve(address, asked, { services, access, log, checkAnswers: true });
  return {
    ...response,
    text: typeof response.body === 'string' ? response.body : '',
    body: response.body as Record<string, never> & {
      value: { name: string }[];
      error: { code: string; target: string };
    },
  };
}
