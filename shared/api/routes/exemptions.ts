// Exemptions that are made here and in chat. Those of tags and annotations are made on the objects, and show with their findings.
import { z } from 'zod';
import type { ExemptionEntry } from '../../model/exemption.ts';
import { created, notFound, refused } from '../answers.ts';
import { pageOf, pageParameters } from '../paging.ts';
import { byProperty, momentParameter, parseBody, plainText, route } from '../route.ts';

export const exemptions = route({
  name: 'exemptions',
  method: 'GET',
  path: 'exemptions',
  access: 'key',
  summary: 'Exemptions made over the API or in chat, newest first, ended ones kept as evidence; in pages.',
  query: z.object(pageParameters),
  async handle(services, request, query) {
    const found = await services.alerts.exemptions();
    return { status: 200, body: pageOf(found, (entry) => toItem(entry, services.now()), query, request) };
  },
});

export const exemption = route({
  name: 'exemption',
  method: 'GET',
  path: 'exemptions/{id}',
  access: 'key',
  summary: 'One exemption that was made over the API or in chat.',
  query: z.object({}),
  async handle(services, request) {
    const found = (await services.alerts.exemptions()).find(({ id }) => id === request.params['id']?.toLowerCase());
    if (!found) throw notFound('exemption', request);
    return { status: 200, body: toItem(found, services.now()) };
  },
});

const toItem = (entry: ExemptionEntry, now: Date) => ({
  ...entry,
  active: Date.parse(entry.expires) > now.getTime(),
});

/** What they hold is judged where exemptions are. */
const newExemption = z.object({
  cluster: plainText,
  rule: plainText,
  subject: plainText.optional(),
  owner: plainText,
  reason: plainText,
  expires: momentParameter,
  by: byProperty,
});

export const createExemption = route({
  name: 'exemption-create',
  method: 'POST',
  path: 'exemptions',
  access: 'key',
  summary:
    'Accept failures until an end: {cluster, rule, subject?, owner, reason, expires, by}; * in a pattern stands for any text. `by` is taken at the word of who holds the key.',
  query: z.object({}),
  async handle(services, request) {
    const { by, expires, subject, ...wanted } = parseBody(newExemption, request);
    const asked = { ...wanted, expires: expires.toISOString(), ...(subject === undefined ? {} : { subject }) };
    const made = await services.alerts.exempt(asked, by);
    if ('problems' in made) throw refused('InvalidExemption', made);
    return created(request, toItem(made, services.now()));
  },
});

export const endExemption = route({
  name: 'exemption-end',
  method: 'DELETE',
  path: 'exemptions/{id}',
  access: 'key',
  summary:
    'End an exemption now: {by}. Its failures count again from the next scan on. `by` is taken at the word of who holds the key.',
  query: z.object({}),
  async handle(services, request) {
    const { by } = parseBody(z.object({ by: byProperty }), request);
    const outcome = await services.alerts.unexempt(request.params['id'] ?? '', by);
    if (outcome === 'unknown') throw notFound('exemption', request);
    return { status: 204 };
  },
});
