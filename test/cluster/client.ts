// What a test does to a cluster: plain requests to its API server.
import { Agent } from 'undici';
import type { KubeObject } from '../../infra/local/kubernetes/object.ts';
import { apiVersionOf, resourceOf } from '../../infra/local/kubernetes/resources.ts';
import type { Account } from './account.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

export interface Client {
  request(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** @returns the parsed answer @throws Error when the API server refuses */
  json(method: string, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>>;
  /** Creates an object. @throws Error when the API server refuses */
  create(object: KubeObject): Promise<void>;
  /** Deletes at once; what is not there is left alone. */
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

export function openClient({ server, ca, cert, key, token }: Account): Client {
  const agent = new Agent({ connect: { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) } });

  const request: Client['request'] = async (method, path, body, more = {}) => {
    const headers = {
      accept: 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': typesOf[method] ?? 'application/json' }),
      ...more,
    };
    const answer = await agent.request({
      origin: server,
      path,
      method: method as 'GET',
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers as Record<string, string>, bytes };
  };

  const json: Client['json'] = async (method, path, body) => {
    const { status, bytes } = await request(method, path, body);
    const text = bytes.toString('utf8');
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  };

  return {
    request,
    json,
    create: async (object) => void (await json('POST', listPathOf(object), object)),
    remove: async (path) => {
      const { status, bytes } = await request('DELETE', `${path}?gracePeriodSeconds=0`);
      if (status >= 300 && status !== 404)
        throw new Error(`DELETE ${path}: ${status} ${bytes.toString('utf8', 0, 300)}`);
    },
    close: () => agent.close(),
  };
}

const typesOf: Readonly<Record<string, string>> = { PATCH: 'application/merge-patch+json' };

/** @returns where objects like this one are listed and created */
export function listPathOf(object: KubeObject): string {
  const resource = resourceOf(object);
  const [plural, namespaced] = resource
    ? [resource.plural, resource.namespaced]
    : [`${object.kind.toLowerCase()}s`, object.metadata.namespace !== undefined];
  const version = resource ? apiVersionOf(resource) : object.apiVersion;
  const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  return namespaced ? `${base}/namespaces/${object.metadata.namespace}/${plural}` : `${base}/${plural}`;
}

export const pathOf = (object: KubeObject): string => `${listPathOf(object)}/${object.metadata.name}`;
