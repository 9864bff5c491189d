// Exemptions made here and in chat. Those made by tag or annotation live on the objects themselves, and show with their findings.
import { z } from 'zod';
import type { ExemptionEntry } from '../../model/exemption.ts';
import { created, noContent, notFound, refused } from '../answers.ts';
import { endOf } from '../../model/moment.ts';
import { confirmField, whenField, plainText } from '../fields.ts';
import { countedPageOf, countedSchema, pageParameters } from '../paging.ts';
import { route } from '../route.ts';
import { moment } from '../shapes/fleet.ts';

const item = z.strictObject({
  id: z.string(),
  cluster: z.string(),
  rule: z.string(),
  subject: z.string().exactOptional(),
  owner: z.string(),
  reason: z.string(),
  expires: moment,
  createdBy: z.string(),
  createdAt: moment,
  /** Who ended it before its time, and when that would have been. */
  ended: z.strictObject({ by: z.string(), insteadOf: moment }).exactOptional(),
  active: z.boolean(),
});

export const exemptions = route({
  name: 'exemptions',
  method: 'GET',
  path: 'exemptions',
  access: 'read',
  summary:
    'Exemptions made over the API or in chat, newest first, in pages; those that have ended are kept as evidence.',
  query: z.object(pageParameters),
  responses: { 200: countedSchema(item) },
  async handle(services, asked) {
    const found = await services.alerts.exemptions();
    return { status: 200, body: await countedPageOf(found, (entry) => toItem(entry, services.now()), asked) };
  },
});

export const exemption = route({
  name: 'exemption',
  method: 'GET',
  path: 'exemptions/{id}',
  access: 'read',
  summary: 'One exemption that was made over the API or in chat.',
  responses: { 200: item },
  async handle(services, { id }) {
    const found = (await services.alerts.exemptions()).find((one) => one.id === id.toLowerCase());
    if (!found) throw notFound('exemption', id);
    return { status: 200, body: toItem(found, services.now()) };
  },
});

const toItem = (entry: ExemptionEntry, now: Date) => ({
  ...entry,
  active: Date.parse(entry.expires) > now.getTime(),
});

/** Only its form: whether it is a valid exemption is decided in one place for chat and API alike. */
const newExemption = z.object({
  cluster: plainText,
  rule: plainText,
  subject: plainText.optional(),
  owner: plainText,
  reason: plainText,
  expires: whenField,
  confirm: confirmField,
});

export const createExemption = route({
  name: 'exemption-create',
  method: 'POST',
  path: 'exemptions',
  access: 'operate',
  summary:
    'Accept failures until `expires`: 201, with `Location`. In `cluster`, `rule` and `subject`, * stands for any text. What leaves nothing out asks for `confirm`, and every conversation hears of it.',
  body: newExemption,
  responses: { 201: item },
  async handle(services, asked) {
    const { expires, subject, ...wanted } = asked.body;
    const terms = {
      ...wanted,
      expires: endOf(expires, services.zone).toISOString(),
      ...(subject === undefined ? {} : { subject }),
    };
    const made = await services.alerts.exempt(terms, asked.by);
    if ('problems' in made) throw refused('InvalidExemption', made);
    return created(asked, toItem(made, services.now()));
  },
});

export const endExemption = route({
  name: 'exemption-end',
  method: 'DELETE',
  path: 'exemptions/{id}',
  access: 'operate',
  summary: 'End an exemption now: its failures count again from the next scan on. It is kept as evidence.',
  responses: { 204: z.undefined() },
  async handle(services, { id, by }) {
    const outcome = await services.alerts.unexempt(id, by);
    if (outcome === 'unknown') throw notFound('exemption', id);
    return noContent;
  },
});
