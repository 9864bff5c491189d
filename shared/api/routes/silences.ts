// Silences: what is not told for a time.
import { z } from 'zod';
import { created, notFound, refused } from '../answers.ts';
import { pageOf, pageParameters } from '../paging.ts';
import { byProperty, momentParameter, parseBody, route, textProperty } from '../route.ts';

const asIs = <T>(item: T): T => item;

export const silences = route({
  name: 'silences',
  method: 'GET',
  path: 'silences',
  access: 'key',
  summary: 'Pending and active silences, the one that ends first first; in pages.',
  query: z.object(pageParameters),
  handle: async (services, request, query) => ({
    status: 200,
    body: pageOf(await services.alerts.silences(), asIs, query, request),
  }),
});

export const silence = route({
  name: 'silence',
  method: 'GET',
  path: 'silences/{id}',
  access: 'key',
  summary: 'One silence that is pending or active.',
  query: z.object({}),
  async handle(services, request) {
    const found = (await services.alerts.silences()).find(({ id }) => id === request.params['id']?.toLowerCase());
    if (!found) throw notFound('silence', request);
    return { status: 200, body: found };
  },
});

const newSilence = z.object({
  matchers: z.array(textProperty(500), 'must be a list of texts like rule=no-allow-all'),
  startsAt: momentParameter.optional(),
  endsAt: momentParameter,
  comment: textProperty(500),
  by: byProperty,
});

export const createSilence = route({
  name: 'silence-create',
  method: 'POST',
  path: 'silences',
  access: 'key',
  summary:
    'Mute what all matchers match until an end: {matchers, startsAt?, endsAt, comment, by}. `by` is taken at the word of who holds the key.',
  query: z.object({}),
  async handle(services, request) {
    const { by, startsAt, ...wanted } = parseBody(newSilence, request);
    const made = await services.alerts.silence({ ...wanted, ...(startsAt ? { startsAt } : {}) }, by);
    if ('problems' in made) throw refused('InvalidSilence', made);
    return created(request, made);
  },
});

export const endSilence = route({
  name: 'silence-end',
  method: 'DELETE',
  path: 'silences/{id}',
  access: 'key',
  summary: 'End a silence now: {by}. `by` is taken at the word of who holds the key.',
  query: z.object({}),
  async handle(services, request) {
    const { by } = parseBody(z.object({ by: byProperty }), request);
    const outcome = await services.alerts.unsilence(request.params['id'] ?? '', by);
    if (outcome === 'unknown') throw notFound('silence', request);
    return { status: 204 };
  },
});
