// Scans: start one, follow one, list them.
import { z } from 'zod';
import type { Plain } from '../../model/cluster.ts';
import type { Scan } from '../../model/scan.ts';
import { notFound } from '../answers.ts';
import { addressBelow } from '../http.ts';
import { neededFor, pageOf, pageParameters, pageSchema } from '../paging.ts';
import { route } from '../route.ts';
import { fleetSummary, moment, scanOutcome } from '../shapes/fleet.ts';

const operation = z.strictObject({
  id: z.string(),
  status: z.enum(['NotStarted', 'Running', 'Succeeded']),
  at: moment,
  by: z.string(),
  openedAt: moment,
  deadline: moment,
  subscriptions: z.int().min(0),
  closedAt: moment.exactOptional(),
  outcome: scanOutcome.exactOptional(),
  missing: z.array(z.string()).exactOptional(),
  missingCount: z.int().min(0).exactOptional(),
  summary: fleetSummary.exactOptional(),
});

export const startScan = route({
  name: 'scan-start',
  method: 'POST',
  path: 'scans',
  access: 'operate',
  summary: 'Start a scan now, or join the one that is running: 202, with `Operation-Location` to follow it.',
  responses: { 202: operation.extend({ created: z.boolean() }) },
  async handle(services, asked) {
    const { scan, created } = await services.openScan(asked.by);
    return {
      status: 202,
      headers: { 'operation-location': addressBelow(asked, scan.id), 'retry-after': '2' },
      body: { ...toOperation(scan), created },
    };
  },
});

export const scan = route({
  name: 'scan',
  method: 'GET',
  path: 'scans/{id}',
  access: 'read',
  summary: 'How far a scan has come, and what is missing when it is partial.',
  responses: { 200: operation.extend({ pending: z.int().min(0).exactOptional() }) },
  async handle(services, { id }) {
    const found = await services.scan(id);
    if (!found) throw notFound('scan', id);
    const open = found.scan.state === 'open' || !found.scan.dispatched;
    return {
      status: 200,
      headers: { 'cache-control': 'no-store', ...(open ? { 'retry-after': '2' } : {}) },
      body: { ...toOperation(found.scan), ...(found.pending === undefined ? {} : { pending: found.pending }) },
    };
  },
});

export const scans = route({
  name: 'scans',
  method: 'GET',
  path: 'scans',
  access: 'read',
  summary: 'The scans, newest first, in pages.',
  query: z.object(pageParameters),
  responses: { 200: pageSchema(operation) },
  handle: async (services, asked) => ({
    status: 200,
    body: await pageOf(await services.scans(neededFor(asked.query)), toOperation, asked),
  }),
});

/** A status monitor, as long-running operations have it. */
function toOperation(found: Scan): Plain<z.output<typeof operation>> {
  const { id, at, by, openedAt, deadline, closedAt, outcome, summary, subscriptions } = found;
  const { missing = [], missingCount = missing.length } = found;
  const status = found.state === 'closed' && found.dispatched ? 'Succeeded' : found.sealed ? 'Running' : 'NotStarted';
  return {
    id,
    status,
    at,
    by,
    openedAt,
    deadline,
    subscriptions,
    ...(outcome ? { closedAt, outcome, missing, missingCount, summary } : {}),
  };
}
