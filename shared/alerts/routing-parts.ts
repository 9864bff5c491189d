// What the parts of a routing file may hold: schemas that read each into what it means.
import { z } from 'zod';
import { parseMatchers } from './matchers.ts';
import type { GroupField, Maintenance, Routing } from './routing.ts';
import { groupFields } from './routing.ts';
import { WHEN_SHAPE, endOf, parseWhen, startOf } from '../model/moment.ts';
import type { Weekday } from '../model/zone.ts';
import { isZone, weekdays } from '../model/zone.ts';
import type { Interval } from './time.ts';

const whole = (least: number, most: number) =>
  z.int(`must be a whole number from ${least} to ${most}`).min(least).max(most);
const zone = z.string().refine(isZone, { error: 'is not an IANA time zone like Europe/Berlin' });
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time like 22:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const longNames: Readonly<Record<Weekday, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};
const weekdayOf = (text: string): Weekday | undefined =>
  weekdays.find((day) => [day, longNames[day]].includes(text.trim().toLowerCase()));

const weekday = z.string().transform((text, { issues }) => {
  const found = weekdayOf(text);
  if (found) return found;
  issues.push({ code: 'custom', input: text, message: 'must be a day like mon or monday' });
  return z.NEVER;
});

/** @returns the days of `mon`, of `mon-fri` or, as Alertmanager writes it, of `monday:friday`; undefined for anything else */
function daysOf(text: string): readonly Weekday[] | undefined {
  const [first, last, more] = text.split(/[-:]/).map(weekdayOf);
  const isRange = /[-:]/.test(text);
  if (!first || more || (isRange && !last)) return undefined;
  const start = weekdays.indexOf(first);
  const length = last ? ((weekdays.indexOf(last) - start + 7) % 7) + 1 : 1;
  return Array.from({ length }, (_, index) => weekdays[(start + index) % 7]!);
}

/** `mon-fri`, `sat`, `mon,wed`, ... */
const days = z.string().transform((text, { issues }) => {
  const parts = text.split(',').map((part) => [part.trim(), daysOf(part)] as const);
  const strange = parts.find(([, found]) => !found);
  if (!strange) return parts.flatMap(([, found]) => found ?? []);
  const message = `“${strange[0]}” must be a day like mon or monday, or a range like mon-fri or monday:friday`;
  issues.push({ code: 'custom', input: text, message });
  return z.NEVER;
});
export const interval = z
  .strictObject({ days: z.array(days).min(1).optional(), from: clock, to: clock, timezone: zone })
  .transform((given): Interval => ({
    days: given.days?.flat() ?? weekdays,
    from: given.from,
    to: given.to,
    zone: given.timezone,
  }));
/** Hours: `24h`, `3d`, `never`. */
export const hours = z
  .string()
  .regex(/^(never|[1-9]\d{0,3}[hd])$/, 'must be like 24h or 3d, or never')
  .transform((text) => (text === 'never' ? undefined : Number(text.slice(0, -1)) * (text.endsWith('d') ? 24 : 1)));
const matchers = z.array(z.string()).transform((texts, ctx) => {
  const parsed = parseMatchers(texts);
  if ('matchers' in parsed) return parsed.matchers;
  for (const message of parsed.problems) ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
});
const name = z.string().min(1);
const names = z.union([name.transform((one) => [one]), z.array(name).min(1)], {
  error: 'must be a name or a list of names',
});
const field = z
  .string()
  .refine((text): text is GroupField => text.startsWith('tag.') || (groupFields as readonly string[]).includes(text), {
    error: `must be one of ${groupFields.join(', ')} or tag.NAME`,
  });

type Section = 'fireAfter' | 'resolveAfter' | 'visibilityAfter' | 'flap' | 'storm' | 'digest';

/** The parts that mean what they hold; `times`, `renotify`, `maintenance` and `route` are put together of many. */
export const sections: { readonly [K in Section]: z.ZodType<Routing[K]> } = {
  fireAfter: whole(1, 100),
  resolveAfter: whole(1, 100),
  visibilityAfter: whole(1, 100),
  flap: z.strictObject({ turns: whole(2, 100), hours: whole(1, 720) }),
  storm: z.strictObject({ share: z.number().gt(0).max(1), clusters: whole(1, 100_000) }),
  digest: z
    .strictObject({
      every: z.enum(['day', 'week'], { error: 'must be day or week' }),
      at: clock,
      timezone: zone,
      weekday: weekday.default('mon'),
      to: names.default(['*']),
    })
    .transform(({ timezone, ...rest }) => ({ ...rest, zone: timezone })),
};

const when = z.string(`must be ${WHEN_SHAPE}`).transform((text, { issues }) => {
  const found = parseWhen(text);
  if (found) return found;
  issues.push({ code: 'custom', input: text, message: `must be ${WHEN_SHAPE}` });
  return z.NEVER;
});
export const maintenance = z
  .strictObject({
    match: matchers.default([]),
    comment: z.string().min(1),
    from: when.optional(),
    to: when.optional(),
    /** Where days of `from` and `to` begin and end. */
    timezone: zone.default('UTC'),
    again: interval.optional(),
  })
  .transform(({ match, comment, from, to, timezone, again }, ctx): Maintenance => {
    if (again && from === undefined && to === undefined) return { match, comment, during: again };
    if (!again && from && to) {
      const during = { from: startOf(from, timezone).getTime(), to: endOf(to, timezone).getTime() };
      if (during.from < during.to) return { match, comment, during };
    }
    ctx.addIssue({ code: 'custom', message: 'needs either from and a later to, or again' });
    return z.NEVER;
  });

export const route = z.strictObject({
  match: matchers.optional(),
  to: names.optional(),
  groupBy: z.array(field).optional(),
  quiet: z.array(z.string()).optional(),
  continue: z.boolean().optional(),
  routes: z.unknown().optional(),
});
