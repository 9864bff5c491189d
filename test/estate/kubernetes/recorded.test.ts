// What a real API server answered: the reader understands it, and the simulated API servers answer the same.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../../../infra/local/kubernetes/api.ts';
import { clusterState } from '../../../infra/local/kubernetes/cluster-state.ts';
import type { KubeObject } from '../../../infra/local/kubernetes/object.ts';
import { answerBody } from '../../../infra/local/kubernetes/protobuf.ts';
import { status, throttled } from '../../../infra/local/kubernetes/status.ts';
import type { ApiError } from '../../../shared/estate/kubernetes/api-error.ts';
import { openConnection } from '../../../shared/estate/kubernetes/connection.ts';
import { parseServed } from '../../../shared/estate/kubernetes/kinds.ts';
import { listAll } from '../../../shared/estate/kubernetes/lists.ts';
import { statusSentence } from '../../../shared/estate/kubernetes/protobuf/list.ts';
import type { Authority } from './api-server.ts';
import { closeServer, createAuthority, serverCertificate } from './api-server.ts';
import { newMeter } from './new-meter.ts';
import type { Recording } from './recorded.ts';
import { recorded, recordedNames } from './recorded.ts';

type Body = Readonly<Record<string, unknown>>;
const bodyOf = (name: string): Body => recorded(name).body as Body;

const named = (...names: string[]) => names.map((name) => ({ metadata: { name } }));

/** The resource version of a list or object; undefined for everything else. */
function versionOf(body: unknown): number | undefined {
  const { resourceVersion } = ((body as Body | undefined)?.['metadata'] ?? {}) as Body;
  return resourceVersion === undefined ? undefined : Number(resourceVersion);
}

describe('the reader', () => {
  let authority: Authority;
  let certificate: Authority;
  beforeAll(async () => {
    authority = await createAuthority();
    certificate = await serverCertificate(authority);
  });

  /** Reads a list from a server that gives these answers, one after the other; the last again and again. */
  async function read(...names: readonly string[]): Promise<{ listed: unknown; asked: readonly string[] }> {
    const asked: string[] = [];
    const server = createServer(certificate, (request, response) => {
      const { status: code, headers, body } = recorded(names[Math.min(asked.length, names.length - 1)]!);
      asked.push(request.url ?? '');
      // Nobody waits for a test.
      response.writeHead(code, { ...headers, ...('retry-after' in headers ? { 'retry-after': '0' } : {}) });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const meter = newMeter();
    const connection = await openConnection({
      api: { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: authority.cert },
      authorization: async () => undefined,
      limits: {
        timeoutMs: 60_000,
        connectTimeoutMs: 60_000,
        maxRetries: 2,
        baseDelayMs: 1,
        maxDelayMs: 10,
        maxTotalMs: 100,
        random: () => 0.5,
        maxResponseBytes: 1_000_000,
      },
      meter,
      signal: new AbortController().signal,
    });
    try {
      const request = {
        path: '/api/v1/pods',
        slim: (raw: unknown) => raw,
        most: 10_000,
      };
      const listed = await listAll(connection, request, meter).catch((error: unknown) => (error as ApiError).failure);
      return { listed, asked };
    } finally {
      await connection.close();
      await closeServer(server);
    }
  }

  test.each(['partial-empty', 'empty-built-in', 'empty-custom'])('takes %s for an empty list', async (name) => {
    expect((await read(name)).listed).toEqual({ objects: [], version: String(versionOf(recorded(name).body)) });
  });

  test('follows a continuation to the end', async () => {
    const { listed, asked } = await read('page-first', 'page-last');
    expect(listed).toMatchObject({ objects: named('failed', 'host', 'meshed', 'succeeded', 'web') });
    const { continue: next } = bodyOf('page-first')['metadata'] as Body;
    expect(asked[1]).toContain(`continue=${String(next)}`);
  });

  test('waits where it is throttled', async () => {
    const { listed, asked } = await read('throttled', 'page-last');
    expect(listed).toMatchObject({ objects: named('host', 'meshed', 'succeeded', 'web') });
    expect(asked).toHaveLength(2);
  });

  test.each<[string, number, RegExp]>([
    ['unauthorized', 401, /Unauthorized/],
    ['forbidden', 403, /cannot list resource "pods"/],
    ['forbidden-custom', 403, /cannot list resource "ciliumnetworkpolicies"/],
    ['not-found-path', 404, /404/],
    ['bad-selector', 400, /field label not supported/],
    ['version-gone', 410, /too old/],
    ['throttled', 429, /429/],
    ['version-to-come', 504, /Too large resource version/],
  ])('takes %s for status %i, with its sentence', async (name, code, message) => {
    expect((await read(name)).listed).toMatchObject({
      kind: 'status',
      status: code,
      message: expect.stringMatching(message) as string,
    });
  });

  test('finds the groups and versions that are served', () => {
    const served = parseServed(bodyOf('groups'));
    expect(served?.get('networking.k8s.io')).toEqual(['v1']);
    expect(served?.get('cilium.io')).toContain('v2');
  });
});

describe('the simulated API server', () => {
  /** What a person would have written to get the recorded objects. */
  const written = ({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject => {
    const { name, namespace, labels } = metadata;
    const given = { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) };
    return { apiVersion, kind, metadata: given, ...(kind === 'Namespace' ? {} : { spec }) };
  };
  const pods = ['page-first', 'page-last'].flatMap((name) => bodyOf(name)['items'] as KubeObject[]);
  const manifests = [
    bodyOf('namespace') as unknown as KubeObject,
    ...pods.map((pod) => ({ ...pod, apiVersion: 'v1', kind: 'Pod' })),
    ...(bodyOf('page-custom')['items'] as KubeObject[]),
  ].map(written);
  const phases = new Map(pods.map((pod) => [pod.metadata.name, pod['status']]));
  const state = clusterState(
    { properties: { networkProfile: { networkPolicy: 'cilium' } } },
    manifests.map((object) =>
      object.kind === 'Pod' ? { ...object, status: phases.get(object.metadata.name) } : object,
    ),
    versionOf(bodyOf('page-first')),
  );

  function simulated({ request, body }: Recording, name: string) {
    if (name === 'throttled') return throttled;
    if (name === 'unauthorized') return status(401, 'Unauthorized', 'Unauthorized');
    const url = new URL(request.path, 'https://api');
    const forbidden = name.startsWith('forbidden') ? ['*'] : [];
    const { method, accept = 'application/json' } = request;
    const at = { ...state, resourceVersion: versionOf(body) ?? state.resourceVersion };
    return answer({ method, path: url.pathname, query: url.searchParams, accept }, at, forbidden);
  }

  // Held against each other elsewhere.
  const names = recordedNames().filter((name) => name !== 'compressed' && !/^(pods|nodes)-|-protobuf$/.test(name));

  test('speaks protocol buffers with those who ask for them', () => {
    const real = recorded('forbidden-protobuf');
    const { type, bytes } = answerBody(simulated(real, 'forbidden-protobuf').body, real.request.accept);
    expect(type).toBe(real.headers['content-type']);
    const sentences = [bytes, Buffer.from(real.base64!, 'base64')].map((body) => sentence(statusSentence(body)!));
    expect(sentences[0]).toBe(sentences[1]);
  });

  test.each(names)('answers as a real one does: %s', (name) => {
    const real = recorded(name);
    const made = simulated(real, name);
    expect(made.status).toBe(real.status);
    expect(made.retryAfter?.toString()).toBe(real.headers['retry-after']);
    expect(comparable(made.body)).toEqual(comparable(real.body));
  });
});

/** What is different in every cluster, or of no consequence to a client, by the path to it. */
const FREE =
  /^(groups|major|minor|emulation|minCompat|git|build|go|compiler|platform|.*\.(spec|status|fieldsV1|labels)$)/;
/** Sentences, apart from the names and numbers in them and what a parser says after the last colon. */
const sentence = (text: string): string =>
  text
    .replaceAll(/"[^"]*"/g, '"..."')
    .replaceAll(/\d+/g, 'N')
    .replace(/(continue key is not valid).*/, '$1');

/** A text is all there is to it. */
const comparable = (body: unknown): unknown => (typeof body === 'string' ? body : shapeOf(body));

/** @returns each field with the type of its value; texts that a client acts upon as they are */
function shapeOf(value: unknown, path = ''): unknown {
  if (value === null || typeof value !== 'object') {
    if (typeof value !== 'string' || !/(kind|apiVersion|reason|message|^status)$/i.test(path))
      return value === null ? null : typeof value;
    return sentence(value);
  }
  // How often something was written to is nobody's business: one entry stands for all.
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => shapeOf(item, path));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !FREE.test(path === '' ? key : `${path}.${key}`))
      .map(([key, inner]) => [key, shapeOf(inner, path === '' ? key : `${path}.${key}`)]),
  );
}
