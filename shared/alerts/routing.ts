// The routing tree: who hears of which alert, grouped how, and when not.
import type { Severity } from '../model/verdict.ts';
import type { AlertEvent } from './alert.ts';
import type { Matcher } from './matchers.ts';
import { matchesAll } from './matchers.ts';
import type { Target } from './target.ts';
import { isReachable } from './target.ts';
import type { DigestTimes, Interval } from './time.ts';
import { isWithin } from './time.ts';

export const groupFields = [
  'subscription',
  'cluster',
  'resourceGroup',
  'namespace',
  'rule',
  'severity',
  'kind',
] as const;
export type GroupField = (typeof groupFields)[number] | `tag.${string}`;

/** Complete: what a route in the file leaves out is taken from the route above it. */
export interface Route {
  readonly match: readonly Matcher[];
  /** Names under which conversations subscribed; `*` is every conversation. */
  readonly to: readonly string[];
  readonly groupBy: readonly GroupField[];
  /** Quiet hours: while one of these lasts, telling waits. */
  readonly quiet: readonly Interval[];
  /** After a match, go on to the next route beside it. */
  readonly goOn: boolean;
  readonly routes: readonly Route[];
}

export interface Maintenance {
  readonly match: readonly Matcher[];
  readonly comment: string;
  /** Either once, between two moments in milliseconds since 1970, or again and again. */
  readonly during: { readonly from: number; readonly to: number } | Interval;
}

export interface Routing {
  /** Scans in a row that must see a failure before it fires. */
  readonly fireAfter: number;
  /** Scans in a row that must see it pass before it is resolved. */
  readonly resolveAfter: number;
  /** Scans in a row that must fail to see a cluster or a subscription before that fires. */
  readonly visibilityAfter: number;
  /** An alert with this many turns within these hours is flapping. */
  readonly flap: { readonly turns: number; readonly hours: number };
  /** More than this share of the fleet, and at least this many clusters, changed in one scan: one card. */
  readonly storm: { readonly share: number; readonly clusters: number };
  /** Hours after which an alert that still fires is told again; `undefined` is never. */
  readonly repeatHours: Readonly<Record<Severity, number | undefined>>;
  readonly maintenance: readonly Maintenance[];
  readonly digest: (DigestTimes & { readonly to: readonly string[] }) | undefined;
  readonly route: Route;
}

/** Without a routing file: everybody who subscribed hears of everything, at once. */
export const defaultRouting: Routing = {
  fireAfter: 1,
  resolveAfter: 1,
  visibilityAfter: 2,
  flap: { turns: 4, hours: 24 },
  storm: { share: 0.3, clusters: 5 },
  repeatHours: { high: 24, medium: 72, low: undefined, info: undefined },
  maintenance: [],
  digest: undefined,
  route: { match: [], to: ['*'], groupBy: [], quiet: [], goOn: false, routes: [] },
};

/** @returns the routes that take an alert: the deepest match, and those beside it only after one that says `continue` */
function routesFor(route: Route, event: AlertEvent): readonly Route[] {
  if (!matchesAll(route.match, event)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const taken = routesFor(child, event);
    found.push(...taken);
    if (taken.length > 0 && !child.goOn) break;
  }
  return found.length > 0 ? found : [route];
}

/** @returns the keys of the conversations that a route names, in their order; empty when nobody subscribed under those names */
export function targetsOf({ to }: Pick<Route, 'to'>, targets: readonly Target[]): readonly string[] {
  return targets
    .filter(({ name }) => to.includes('*') || (name !== undefined && to.includes(name)))
    .map(({ key }) => key);
}

/**
 * @returns the destinations of an alert; when nobody whom its routes name can be posted to, beside them those of the first route or
 *   else everybody: somebody always hears
 */
export function destinationsFor(routing: Routing, event: AlertEvent, targets: readonly Target[]): readonly string[] {
  const meant = routesFor(routing.route, event).flatMap((route) => targetsOf(route, targets));
  const reachable = targets.filter(isReachable);
  if (reachable.some(({ key }) => meant.includes(key))) return [...new Set(meant)];
  const fallback = targetsOf(routing.route, reachable);
  return [...new Set([...meant, ...(fallback.length > 0 ? fallback : reachable.map(({ key }) => key))])];
}

/** @returns the names of conversations that the routes and the digest use; `*` where one means every conversation */
export function namesIn({ route, digest }: Pick<Routing, 'route' | 'digest'>): ReadonlySet<string> {
  const inRoute = ({ to, routes }: Route): readonly string[] => [...to, ...routes.flatMap(inRoute)];
  return new Set([...inRoute(route), ...(digest?.to ?? [])]);
}

/** @returns the route by which a destination hears of an alert; the first route if none names it */
export const routeTo = (routing: Routing, event: AlertEvent, destination: string, targets: readonly Target[]): Route =>
  routesFor(routing.route, event).find((route) => targetsOf(route, targets).includes(destination)) ?? routing.route;

export const isQuiet = (route: Route, now: Date): boolean => route.quiet.some((interval) => isWithin(interval, now));

/** @returns the maintenance that mutes an alert now */
export function maintenanceFor(routing: Routing, event: AlertEvent, now: Date): Maintenance | undefined {
  return routing.maintenance.find(({ match, during }) => {
    const lasts = 'zone' in during ? isWithin(during, now) : during.from <= now.getTime() && now.getTime() < during.to;
    return lasts && matchesAll(match, event);
  });
}
