// Scans: start one, follow one, list them.
import { z } from 'zod';
import type { Scan } from '../../model/scan.ts';
import { ApiError } from '../errors.ts';
import { addressBelow, route, wholeParameter } from '../route.ts';

export const startScan = route({
  name: 'scan-start',
  method: 'POST',
  path: 'scans',
  access: 'key',
  summary: 'Start a scan now. While one runs, that one is the answer.',
  query: z.object({}),
  async handle(services, request) {
    if (request.body.trim() !== '' && request.body.trim() !== '{}')
      throw new ApiError(400, 'InvalidRequestBody', 'A scan is started without a body.', 'body');
    const { scan, created } = await services.openScan('api');
    return {
      status: 202,
      headers: { 'operation-location': addressBelow(request, scan.id), 'retry-after': '2' },
      body: { ...toOperation(scan), created },
    };
  },
});

export const scan = route({
  name: 'scan',
  method: 'GET',
  path: 'scans/{id}',
  access: 'key',
  summary: 'How a scan is doing, and what it is missing when it is partial.',
  query: z.object({}),
  async handle(services, request) {
    const id = request.params['id'] ?? '';
    const found = await services.scan(id);
    if (!found) throw new ApiError(404, 'ScanNotFound', `There is no scan ${id.slice(0, 100)}.`, 'id');
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
  access: 'key',
  summary: 'The scans, newest first.',
  query: z.object({ top: wholeParameter(1, 1000).optional() }),
  handle: async (services, _request, { top }) => ({
    status: 200,
    body: { value: (await services.scans(top ?? 50)).map(toOperation) },
  }),
});

/** A status monitor, as long-running operations have it. */
function toOperation(found: Scan) {
  const { id, at, by, openedAt, deadline, closedAt, outcome, missing, summary, subscriptions } = found;
  const status = found.state === 'closed' && found.dispatched ? 'Succeeded' : found.sealed ? 'Running' : 'NotStarted';
  return {
    id,
    status,
    at,
    by,
    openedAt,
    deadline,
    subscriptions,
    ...(outcome ? { closedAt, outcome, missing, summary } : {}),
  };
}
