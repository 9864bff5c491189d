// The HTTP API: one function per address, each a thin door to its routes.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { app } from '@azure/functions';
import type { Address } from '../shared/api/address.ts';
import { addressesOf, isOpen, methods, routeFor } from '../shared/api/address.ts';
import { textOf } from '../shared/api/parse.ts';
import { routes } from '../shared/api/index.ts';
import { serve } from '../shared/api/serve.ts';
import type { App } from '../shared/app/app.ts';
import { getApp, hasPlatformAuth } from '../shared/app/app.ts';

export const apiHandler =
  (address: Address, application: () => Pick<App, 'api' | 'access' | 'log' | 'nudge' | 'checkAnswers'>) =>
  async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { api: services, access, log, nudge, checkAnswers } = application();
    nudge();
    const asked = {
      method: request.method,
      id: request.params['id'] ?? '',
      query: request.query,
      headers: new Headers([...request.headers]),
      url: new URL(request.url),
      body: () => textOf({ declared: request.headers.get('content-length'), bytes: request.body }),
    };
    const { status, headers = {}, body } = await serve(address, asked, { services, access, log, checkAnswers });
    if (body === undefined) return { status, headers };
    return typeof body === 'string' ? { status, headers, body } : { status, headers, jsonBody: body };
  };

/** @param platformAuth the platform authenticates callers; otherwise the host asks each for one of its keys */
export function registerApi(platformAuth: boolean): void {
  for (const address of addressesOf(routes))
    app.http(`api-${(routeFor(address, 'GET') ?? address.routes[0]!).name}`, {
      methods: [...methods],
      authLevel: platformAuth || isOpen(address) ? 'anonymous' : 'function',
      route: address.path,
      handler: apiHandler(address, getApp),
    });
}

registerApi(hasPlatformAuth());
