// What the parts of a routing file may hold: schemas that read each into what it means.
import { z } from 'zod';
import { parseMatchers } from './matchers.ts';
import type { GroupField, Maintenance, Routing } from './routing.ts';
import { groupFields } from './routing.ts';
import type { Interval } from './time.ts';
import { isZone, weekdays } from './time.ts';

const whole = (least: number, most: number) =>
  z.int(`must be a whole number from ${least} to ${most}`).min(least).max(most);
const zone = z.string().refine(isZone, { error: 'is not an IANA time zone like Europe/Berlin' });
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time like 22:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const weekday = z.string().transform((text, ctx) => {
  const found = weekdays.find((day) => text.toLowerCase().startsWith(day));
  if (found) return found;
  ctx.addIssue({ code: 'custom', message: `must be one of ${weekdays.join(', ')}` });
  return z.NEVER;
});
/** `mon-fri`, `sat`, ... */
const days = z.string().transform((text, ctx) => {
  const [first, last, more] = text
    .toLowerCase()
    .split('-')
    .map((part) => weekdays.indexOf(part.slice(0, 3) as 'mon'));
  if (first === undefined || first === -1 || last === -1 || more !== undefined) {
    ctx.addIssue({ code: 'custom', message: `must be a day like mon, or a range like mon-fri` });
    return z.NEVER;
  }
  const length = last === undefined ? 1 : ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => weekdays[(first + index) % 7]!);
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

const moment = z.iso.datetime({ offset: true, error: 'must be a moment like 2026-12-01T20:00:00Z' });
export const maintenance = z
  .strictObject({
    match: matchers.default([]),
    comment: z.string().min(1),
    from: moment.optional(),
    to: moment.optional(),
    again: interval.optional(),
  })
  .transform(({ match, comment, from, to, again }, ctx): Maintenance => {
    if (again && from === undefined && to === undefined) return { match, comment, during: again };
    if (!again && from !== undefined && to !== undefined && Date.parse(from) < Date.parse(to))
      return { match, comment, during: { from: Date.parse(from), to: Date.parse(to) } };
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
