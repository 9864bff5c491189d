// The routing file: YAML or JSON into a Routing. A part that is wrong is named and left out; the rest holds.
import { parse } from 'yaml';
import { z } from 'zod';
import type { Severity } from '../model/verdict.ts';
import { severities } from '../model/verdict.ts';
import { matcherFields, parseMatchers } from './matchers.ts';
import type { GroupField, Maintenance, Route, Routing } from './routing.ts';
import { defaultRouting, groupFields } from './routing.ts';
import type { Interval } from './time.ts';
import { isZone, weekdays } from './time.ts';

export interface ParsedRouting {
  readonly routing: Routing;
  /** `PLACE: what is wrong`, each a sentence. */
  readonly problems: readonly string[];
}

const MAX_CHARS = 200_000;
const MAX_DEPTH = 10;

const whole = (least: number, most: number) =>
  z.int(`must be a whole number from ${least} to ${most}`).min(least).max(most);
const zone = z.string().refine(isZone, { error: 'is no IANA time zone like Europe/Berlin' });
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
const interval = z
  .strictObject({ days: z.array(days).min(1).optional(), from: clock, to: clock, timezone: zone })
  .transform((given): Interval => ({
    days: given.days?.flat() ?? weekdays,
    from: given.from,
    to: given.to,
    zone: given.timezone,
  }));
/** Hours: `24h`, `3d`, `never`. */
const hours = z
  .string()
  .regex(/^(never|[1-9]\d{0,3}[hd])$/, 'must be like 24h or 3d, or never')
  .transform((text) => (text === 'never' ? undefined : Number(text.slice(0, -1)) * (text.endsWith('d') ? 24 : 1)));
const matchers = z.array(z.string()).transform((texts, ctx) => {
  const parsed = parseMatchers(texts);
  if ('matchers' in parsed) return parsed.matchers;
  for (const message of parsed.problems) ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
});
const names = z.union(
  [
    z
      .string()
      .min(1)
      .transform((name) => [name]),
    z.array(z.string().min(1)).min(1),
  ],
  {
    error: 'must be a name or a list of names',
  },
);
const field = z
  .string()
  .refine((text): text is GroupField => text.startsWith('tag.') || (groupFields as readonly string[]).includes(text), {
    error: `must be one of ${groupFields.join(', ')} or tag.NAME`,
  });

/** What a section of the file may hold, beside `times`, `maintenance` and `route`. */
const sections = {
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
} as const;

const moment = z.iso.datetime({ offset: true, error: 'must be a moment like 2026-12-01T20:00:00Z' });
const maintenanceSchema = z
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

/**
 * @param text YAML or JSON
 * @returns the routing it describes; what is wrong falls back to the default, a wrong route to the one above it
 */
export function parseRouting(text: string): ParsedRouting {
  const problems: string[] = [];
  const file = readYaml(text, problems);
  if (file === undefined) return { routing: defaultRouting, problems };
  const { route, times: givenTimes = {}, maintenance: windows = [], renotify = {}, ...rest } = file;
  const routing: Record<string, unknown> = { ...defaultRouting };
  for (const [name, value] of Object.entries(rest)) {
    const schema = (sections as Readonly<Record<string, z.ZodType>>)[name];
    if (schema) take(schema, value, name, problems, (read) => (routing[name] = read));
    else problems.push(`${name}: there is no such part; there are ${known.join(', ')}`);
  }
  const times = new Map<string, Interval>();
  for (const [name, value] of entriesOf(givenTimes, 'times', problems))
    take(interval, value, `times.${name}`, problems, (read) => times.set(name, read));
  const repeatHours: Record<Severity, number | undefined> = { ...defaultRouting.repeatHours };
  for (const [name, value] of entriesOf(renotify, 'renotify', problems))
    if (isSeverity(name)) take(hours, value, `renotify.${name}`, problems, (read) => (repeatHours[name] = read));
    else problems.push(`renotify.${name}: there are ${severities.join(', ')}`);
  const maintenance: Maintenance[] = [];
  for (const [index, value] of listOf(windows, 'maintenance', problems).entries())
    take(maintenanceSchema, value, `maintenance[${index}]`, problems, (read) => maintenance.push(read));
  const reader: RouteReader = { times, problems };
  const root = route === undefined ? undefined : readRoute(route, 'route', defaultRouting.route, reader, 0);
  if (root && root.match.length > 0) problems.push('route.match: the first route takes everything and has no match');
  return {
    routing: {
      ...(routing as unknown as Routing),
      repeatHours,
      maintenance,
      route: root ? { ...root, match: [] } : defaultRouting.route,
    },
    problems,
  };
}

const isSeverity = (name: string): name is Severity => (severities as readonly string[]).includes(name);

const known = [...Object.keys(sections), 'renotify', 'times', 'maintenance', 'route'];

function readYaml(text: string, problems: string[]): Readonly<Record<string, unknown>> | undefined {
  if (text.length > MAX_CHARS) {
    problems.push(`routing: the text is longer than ${MAX_CHARS} characters`);
    return undefined;
  }
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 });
    if (isObject(value)) return value;
    problems.push('routing: an object with parts like route, times and maintenance is expected');
  } catch (error) {
    problems.push(`routing: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function entriesOf(value: unknown, place: string, problems: string[]): readonly [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  problems.push(`${place}: an object is expected`);
  return [];
}

function listOf(value: unknown, place: string, problems: string[]): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  problems.push(`${place}: a list is expected`);
  return [];
}

/** Hands over what could be read, or says where and why it could not. */
function take<T>(
  schema: z.ZodType<T>,
  value: unknown,
  place: string,
  problems: string[],
  use: (read: T) => unknown,
): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) use(parsed.data);
  else problems.push(...parsed.error.issues.map((issue) => sentence(issue, place)));
}

function sentence(issue: z.core.$ZodIssue, place: string): string {
  const at = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    place,
  );
  return `${at}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

interface RouteReader {
  readonly times: ReadonlyMap<string, Interval>;
  readonly problems: string[];
}

const routeSchema = z.strictObject({
  match: matchers.optional(),
  to: names.optional(),
  groupBy: z.array(field).optional(),
  quiet: z.array(z.string()).optional(),
  continue: z.boolean().optional(),
  routes: z.unknown().optional(),
});

/** @param above what this route leaves out, it has from there @returns undefined for a route that is wrong: what it meant stays with the one above */
function readRoute(value: unknown, place: string, above: Route, reader: RouteReader, depth: number): Route | undefined {
  const { times, problems } = reader;
  const parsed = routeSchema.safeParse(value);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => sentence(issue, place)));
    return undefined;
  }
  if (depth > MAX_DEPTH) {
    problems.push(`${place}: routes lie deeper than ${MAX_DEPTH}`);
    return undefined;
  }
  const { match = [], to, groupBy, quiet, continue: goOn = false, routes = [] } = parsed.data;
  const missing = quiet?.filter((name) => !times.has(name)) ?? [];
  for (const name of missing) problems.push(`${place}.quiet: there is no ${name} under times`);
  const own: Route = {
    match,
    to: to ?? above.to,
    groupBy: groupBy ?? above.groupBy,
    quiet: quiet?.flatMap((name) => times.get(name) ?? []) ?? above.quiet,
    goOn,
    routes: [],
  };
  const children = listOf(routes, `${place}.routes`, problems).flatMap((child, index) => {
    const at = `${place}.routes[${index}]`;
    const read = readRoute(child, at, own, reader, depth + 1);
    if (read?.match.length === 0) {
      problems.push(
        `${at}: it has no match, which would take everything; fields are ${matcherFields.join(', ')}, tag.NAME`,
      );
      return [];
    }
    return read ?? [];
  });
  return { ...own, routes: children };
}
