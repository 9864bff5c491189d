// A route is data: where it is, who may call it, what it takes and answers, and the function that answers.
import { z } from 'zod';
import type { Plain } from '../model/cluster.ts';
import type { ApiServices } from './api-services.ts';
import type { Caller, Right } from './caller.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { parseBody, parseQuery } from './parse.ts';

export interface About {
  /** Also the name of its function. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Behind `/api/`; `{id}` takes a segment, `{*id}` the rest. */
  readonly path: string;
  /** What callers must be allowed to; `anyone` asks for nothing. */
  readonly access: 'anyone' | Right;
  /** What it answers or does, in whole sentences. What it takes is told by the schemas. */
  readonly summary: string;
}

export interface Route extends About {
  readonly query: z.ZodObject;
  /** Without properties when it takes no body. */
  readonly body: z.ZodObject;
  /** The bodies of its answers by their status. Errors are not among them: they look alike everywhere. */
  readonly responses: Responses;
  /** @throws ApiError when the request is not what the route takes, or cannot be answered */
  readonly answer: (services: ApiServices, request: ApiRequest, by: Caller['by']) => Promise<ApiResponse>;
}

type Responses = Readonly<Record<number, z.ZodType>>;

/** A request whose query and body are what the route's schemas made of them. */
type Asked<Q extends z.ZodObject, B extends z.ZodObject> = Omit<ApiRequest, 'query' | 'body'> & {
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** Who asks. */
  readonly by: Caller['by'];
};

type Answer<R extends Responses> = {
  [Status in keyof R & number]: ApiResponse<Status, Plain<z.output<R[Status]>>>;
}[keyof R & number];

interface Definition<Q extends z.ZodObject, B extends z.ZodObject, R extends Responses> extends About {
  readonly query?: Q;
  readonly body?: B;
  readonly responses: R;
  readonly handle: (services: ApiServices, asked: Asked<Q, B>) => Promise<Answer<NoInfer<R>>>;
}

const nothing = z.object({});
type Nothing = typeof nothing;

/** @returns the route with the types of its schemas erased: it parses what it is asked before its handler sees it */
export function route<R extends Responses, Q extends z.ZodObject = Nothing, B extends z.ZodObject = Nothing>(
  definition: Definition<Q, B, R>,
): Route {
  // Where a schema is left out its type is that of `nothing`: nobody names the types of a route by hand.
  const { handle, query = nothing as unknown as Q, body = nothing as unknown as B, ...about } = definition;
  return {
    ...about,
    query,
    body,
    answer: async (services, request, by) => {
      const asked = { query: parseQuery(query, request.query), body: parseBody(body, await request.body()), by };
      return handle(services, { ...request, ...asked });
    },
  };
}
