// The HTTP API: one function per route, each a thin door to its handler.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { app } from '@azure/functions';
import { routes } from '../shared/api/index.ts';
import type { Route } from '../shared/api/route.ts';
import { serve } from '../shared/api/serve.ts';
import type { App } from '../shared/app/app.ts';
import { getApp } from '../shared/app/app.ts';

export const apiHandler =
  (route: Route, application: () => Pick<App, 'api' | 'log' | 'nudge' | 'checkAnswers'>) =>
  async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { api: services, log, nudge, checkAnswers } = application();
    nudge();
    const asked = {
      id: request.params['id'] ?? '',
      query: request.query,
      headers: new Headers([...request.headers]),
      url: new URL(request.url),
      body: request.method === 'GET' ? '' : await request.text(),
    };
    const { status, headers = {}, body } = await serve(route, asked, { services, log, checkAnswers });
    const safe = { 'x-content-type-options': 'nosniff', ...headers };
    if (body === undefined) return { status, headers: safe };
    return typeof body === 'string' ? { status, headers: safe, body } : { status, headers: safe, jsonBody: body };
  };

for (const route of routes)
  app.http(`api-${route.name}`, {
    methods: [route.method],
    authLevel: route.access === 'anonymous' ? 'anonymous' : 'function',
    route: route.path,
    handler: apiHandler(route, getApp),
  });
