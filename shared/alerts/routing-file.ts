// The routing file: YAML or JSON into a Routing. A part that is wrong is named and left out; the rest holds.
import { parse } from 'yaml';
import type { z } from 'zod';
import type { Severity } from '../model/verdict.ts';
import { severities } from '../model/verdict.ts';
import { matcherFields } from './matchers.ts';
import type { Maintenance, Route, Routing } from './routing.ts';
import { defaultRouting } from './routing.ts';
import { hours, interval, maintenance, route, sections } from './routing-parts.ts';
import type { Interval } from './time.ts';

export interface ParsedRouting {
  readonly routing: Routing;
  /** `PLACE: what is wrong`, each a sentence. */
  readonly problems: readonly string[];
}

const MAX_CHARS = 200_000;
const MAX_DEPTH = 10;
const known = [...Object.keys(sections), 'renotify', 'times', 'maintenance', 'route'];

/**
 * @param text YAML or JSON
 * @returns the routing it describes; what is wrong falls back to the default, a wrong route to the one above it
 */
export function parseRouting(text: string): ParsedRouting {
  const problems: string[] = [];
  const file = readYaml(text, problems);
  if (!file) return { routing: defaultRouting, problems };
  for (const name of Object.keys(file).filter((part) => !known.includes(part)))
    problems.push(`${name}: there is no such part; the parts are ${known.join(', ')}`);
  const section = <K extends keyof typeof sections>(name: K): Routing[K] =>
    file[name] === undefined
      ? defaultRouting[name]
      : read(sections[name], file[name], name, defaultRouting[name], problems);
  const routing = {
    fireAfter: section('fireAfter'),
    resolveAfter: section('resolveAfter'),
    visibilityAfter: section('visibilityAfter'),
    flap: section('flap'),
    storm: section('storm'),
    digest: section('digest'),
    repeatHours: readRepeats(file['renotify'], problems),
    maintenance: readMaintenance(file['maintenance'], problems),
    route: readRoot(file['route'], { times: readTimes(file['times'], problems), problems }),
  };
  return { routing, problems };
}

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

/** @returns what a value means; the fallback for one that is wrong, which is named */
function read<T, F>(schema: z.ZodType<T>, value: unknown, place: string, fallback: F, problems: string[]): T | F {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push(...parsed.error.issues.map((issue) => sentence(issue, place)));
  return fallback;
}

function sentence(issue: z.core.$ZodIssue, place: string): string {
  const at = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${place}${at}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

function readRepeats(value: unknown, problems: string[]): Routing['repeatHours'] {
  const repeatHours = { ...defaultRouting.repeatHours };
  for (const [name, given] of entriesOf(value, 'renotify', problems))
    if (isSeverity(name)) repeatHours[name] = read(hours, given, `renotify.${name}`, repeatHours[name], problems);
    else problems.push(`renotify.${name}: there is no such severity; the severities are ${severities.join(', ')}`);
  return repeatHours;
}

const isSeverity = (name: string): name is Severity => (severities as readonly string[]).includes(name);

const readMaintenance = (value: unknown, problems: string[]): readonly Maintenance[] =>
  listOf(value, 'maintenance', problems).flatMap(
    (given, index) => read(maintenance, given, `maintenance[${index}]`, undefined, problems) ?? [],
  );

function readTimes(value: unknown, problems: string[]): ReadonlyMap<string, Interval> {
  const times = new Map<string, Interval>();
  for (const [name, given] of entriesOf(value, 'times', problems)) {
    const time = read(interval, given, `times.${name}`, undefined, problems);
    if (time) times.set(name, time);
  }
  return times;
}

interface RouteReader {
  readonly times: ReadonlyMap<string, Interval>;
  readonly problems: string[];
}

function readRoot(value: unknown, reader: RouteReader): Route {
  const root = readRoute(soundParts(value, reader.problems), 'route', defaultRouting.route, reader, 0);
  if (!root) return defaultRouting.route;
  if (root.match.length > 0)
    reader.problems.push('route.match: the first route takes everything, so it cannot have a match');
  return { ...root, match: [] };
}

/** The first route takes everything and all others stand in it: what is wrong in it alone is left out. */
const soundParts = (value: unknown, problems: string[]): object =>
  Object.fromEntries(
    entriesOf(value, 'route', problems).filter(([name, given]) => {
      const part = Object.entries(route.shape).find(([known]) => known === name)?.[1];
      if (part) return read(part.optional(), given, `route.${name}`, null, problems) !== null;
      problems.push(`route.${name}: there is no such part; the parts are ${Object.keys(route.shape).join(', ')}`);
      return false;
    }),
  );

/**
 * @param above what this route leaves out, it has from there
 * @returns undefined for a route that is wrong: what it was meant to take stays with the one above
 */
function readRoute(value: unknown, place: string, above: Route, reader: RouteReader, depth: number): Route | undefined {
  const { times, problems } = reader;
  const given = read(route, value, place, undefined, problems);
  if (!given) return undefined;
  if (depth > MAX_DEPTH) {
    problems.push(`${place}: routes are nested deeper than ${MAX_DEPTH} levels`);
    return undefined;
  }
  const { match = [], to = above.to, groupBy = above.groupBy, continue: goOn = false, quiet, routes } = given;
  for (const name of quiet?.filter((one) => !times.has(one)) ?? [])
    problems.push(`${place}.quiet: ${name} is not defined under times`);
  const own: Route = {
    match,
    to,
    groupBy,
    quiet: quiet?.flatMap((name) => times.get(name) ?? []) ?? above.quiet,
    goOn,
    routes: [],
  };
  const children = listOf(routes, `${place}.routes`, problems).flatMap(
    (child, index) => readChild(child, `${place}.routes[${index}]`, own, reader, depth + 1) ?? [],
  );
  return { ...own, routes: children };
}

function readChild(value: unknown, place: string, above: Route, reader: RouteReader, depth: number): Route | undefined {
  const child = readRoute(value, place, above, reader, depth);
  if (child?.match.length !== 0) return child;
  const fields = matcherFields.join(', ');
  reader.problems.push(
    `${place}: only the first route may take everything, this one needs a match; the fields are ${fields} and tag.NAME`,
  );
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function entriesOf(value: unknown = {}, place: string, problems: string[]): readonly [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  problems.push(`${place}: an object is expected`);
  return [];
}

function listOf(value: unknown = [], place: string, problems: string[]): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  problems.push(`${place}: a list is expected`);
  return [];
}
