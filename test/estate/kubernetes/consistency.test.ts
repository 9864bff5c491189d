// While a cluster is read its objects come and go: what is judged is what was there together.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../../shared/estate/kubernetes/collect.ts';
import { openConnection } from '../../../shared/estate/kubernetes/connection.ts';
import { defaultReaderLimits } from '../../../shared/estate/kubernetes/reader.ts';
import type { InClusterRead } from '../../../shared/model/in-cluster.ts';
import type { Authority, FakeApiServer } from './api-server.ts';
import { newMeter } from './new-meter.ts';
import { TOKEN, createAuthority, startApiServer } from './api-server.ts';
import { runs } from '../../support/runs.ts';

const NAMESPACES = '/api/v1/namespaces';
const PODS = '/api/v1/pods';
const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';

let authority: Authority;
let api: FakeApiServer;
beforeEach(async () => {
  authority ??= await createAuthority();
  api = await startApiServer(authority);
});
afterEach(() => api.close());

async function read(): Promise<InClusterRead['objects']> {
  const meter = newMeter();
  const connection = await openConnection({
    api: { server: api.url, ca: authority.cert },
    authorization: async () => `Bearer ${TOKEN}`,
    limits: { ...defaultReaderLimits.connection, baseDelayMs: 1 },
    meter,
    signal: new AbortController().signal,
  });
  try {
    return (await collect(connection, meter)).objects;
  } finally {
    await connection.close();
  }
}

/** An application as it is deployed: its namespace, its policy and its pod come and go together. */
function deploy(name: string): void {
  const metadata = { name, namespace: name };
  add(NAMESPACES, { metadata: { name } });
  add(POLICIES, { metadata, spec: { podSelector: {}, policyTypes: ['Ingress'] } });
  add(PODS, { metadata, spec: { containers: [] }, status: { phase: 'Running' } });
}
const add = (path: string, object: unknown): void => void api.lists.set(path, [...api.lists.get(path)!, object]);
const remove = (name: string): void => {
  for (const [path, list] of api.lists)
    api.lists.set(
      path,
      list.filter((object) => (object as { metadata: { name: string } }).metadata.name !== name),
    );
};

/** Before the requests of these numbers are answered, applications come (true) or go (false). */
function churn(courses: readonly boolean[]): void {
  for (let i = 0; i < 3; i++) deploy(`old-${i}`);
  let request = 0;
  api.intercept = () => {
    const comes = courses[request++ % courses.length];
    if (comes) deploy(`new-${request}`);
    else remove((api.lists.get(PODS)![0] as { metadata: { name: string } } | undefined)?.metadata.name ?? '');
    return false;
  };
}

const namesOf = (objects: readonly { readonly name: string }[]): string[] => objects.map(({ name }) => name).toSorted();

describe('a cluster that changes between its lists', () => {
  test('is read as of one moment: no pod without its policy, no policy without its pod', async () => {
    await fc.assert(
      fc
        .asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (courses) => {
          churn(courses);
          const { namespaces, pods, policies } = await read();
          expect(namesOf(pods)).toEqual(namesOf(policies));
          expect(namesOf(pods)).toEqual(namesOf(namespaces));
        })
        .beforeEach(() => {
          for (const path of [NAMESPACES, PODS, POLICIES]) api.lists.set(path, []);
        }),
      { numRuns: runs(20) },
    );
  });

  test('is read again as of a later moment when the first is not kept any more', async () => {
    churn([true]);
    let gone = 1;
    const next = api.intercept;
    api.intercept = (request, url, response) => {
      if (url.pathname === PODS && gone-- > 0) api.keeps = 0;
      else api.keeps = 1_000;
      return next(request, url, response);
    };
    const { pods, policies } = await read();
    expect(namesOf(pods)).toEqual(namesOf(policies));
  });

  test.each<[string, () => void]>([
    ['gives what is there now', () => (api.exact = false)],
    ['keeps nothing', () => (api.keeps = 0)],
  ])('misses no policy of a pod even where its server %s', async (_name, limit) => {
    limit();
    churn([true]);
    const { pods, policies, namespaces } = await read();
    expect(pods.length).toBeGreaterThan(3);
    expect(namesOf(policies)).toEqual(expect.arrayContaining(namesOf(pods)));
    expect(namesOf(namespaces)).toEqual(expect.arrayContaining(namesOf(pods)));
  });

  test('is read once where it tells the moment: nothing is asked for twice', async () => {
    deploy('web');
    await read();
    const lists = api.requests.filter((path) => path !== '/apis').map((path) => path.split('&resourceVersion=')[0]);
    expect(lists).toEqual([...new Set(lists)]);
  });
});
