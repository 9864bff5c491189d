// Silences: what is not told for a time.
import { z } from 'zod';
import { created, noContent, notFound, refused } from '../answers.ts';
import { endOf, startOf } from '../../model/moment.ts';
import { choiceField, confirmField, textField, whenField } from '../fields.ts';
import { countedPageOf, countedSchema, pageParameters } from '../paging.ts';
import { route } from '../route.ts';
import { moment } from '../shapes/fleet.ts';

const item = z.strictObject({
  id: z.string(),
  matchers: z.array(z.string()),
  startsAt: moment,
  endsAt: moment,
  createdBy: z.string(),
  comment: z.string(),
  /** Who ended it before its time, and when that would have been. */
  ended: z.strictObject({ by: z.string(), insteadOf: moment }).exactOptional(),
});

const asIs = <T>(item: T): T => item;

export const silences = route({
  name: 'silences',
  method: 'GET',
  path: 'silences',
  access: 'read',
  summary:
    'Pending and active silences in pages, in the order in which they end; with `ended=true`, those that have ended instead, newest end first: they are kept as evidence.',
  query: z.object({ ended: choiceField(['true', 'false']).optional(), ...pageParameters }),
  responses: { 200: countedSchema(item) },
  async handle({ alerts }, asked) {
    const found = await (asked.query.ended === 'true' ? alerts.endedSilences() : alerts.silences());
    return { status: 200, body: await countedPageOf(found, asIs, asked) };
  },
});

export const silence = route({
  name: 'silence',
  method: 'GET',
  path: 'silences/{id}',
  access: 'read',
  summary: 'One silence: pending, active, or ended and not yet purged.',
  responses: { 200: item },
  async handle({ alerts }, { id }) {
    const all = [...(await alerts.silences()), ...(await alerts.endedSilences())];
    const found = all.find((one) => one.id === id.toLowerCase());
    if (!found) throw notFound('silence', id);
    return { status: 200, body: found };
  },
});

const newSilence = z.object({
  matchers: z.array(textField(500), 'must be a list of texts like rule=no-allow-all'),
  startsAt: whenField.optional(),
  endsAt: whenField,
  comment: textField(500),
  confirm: confirmField,
});

export const createSilence = route({
  name: 'silence-create',
  method: 'POST',
  path: 'silences',
  access: 'operate',
  summary:
    'Mute whatever matches all the `matchers`, from now or `startsAt` until `endsAt`: 201, with `Location`. What leaves nothing out asks for `confirm`, and every conversation hears of it.',
  body: newSilence,
  responses: { 201: item },
  async handle(services, asked) {
    const { startsAt, endsAt, ...wanted } = asked.body;
    const { zone } = services;
    const from = startsAt ? { startsAt: startOf(startsAt, zone) } : {};
    const made = await services.alerts.silence({ ...wanted, ...from, endsAt: endOf(endsAt, zone) }, asked.by);
    if ('problems' in made) throw refused('InvalidSilence', made);
    return created(asked, made);
  },
});

export const endSilence = route({
  name: 'silence-end',
  method: 'DELETE',
  path: 'silences/{id}',
  access: 'operate',
  summary: 'End a silence now: the alerts that it muted are told if they still last.',
  responses: { 204: z.undefined() },
  async handle(services, { id, by }) {
    const outcome = await services.alerts.unsilence(id, by);
    if (outcome === 'unknown') throw notFound('silence', id);
    return noContent;
  },
});
