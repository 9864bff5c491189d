// An address of the API: its routes by method. GET answers HEAD as well, OPTIONS tells the methods, and any other is refused.
import type { Route } from './route.ts';

/** Every method that a request may come with; the host hands them all on, so that each gets an answer. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export interface Address {
  /** Behind `/api/`. */
  readonly path: string;
  readonly routes: readonly Route[];
}

/** @returns the addresses of some routes, in their order */
export const addressesOf = (routes: readonly Route[]): readonly Address[] =>
  [...Map.groupBy(routes, ({ path }) => path)].map(([path, own]) => ({ path, routes: own }));

/** @returns the route that answers a method */
export const routeFor = ({ routes }: Address, method: string): Route | undefined =>
  routes.find((route) => route.method === (method === 'HEAD' ? 'GET' : method));

/** @returns what stands in `Allow` */
export const allowed = (address: Address): string =>
  methods.filter((method) => method === 'OPTIONS' || routeFor(address, method)).join(', ');

/** @returns true for an address that asks nobody who they are */
export const isOpen = ({ routes }: Address): boolean => routes.some(({ access }) => access === 'anyone');
