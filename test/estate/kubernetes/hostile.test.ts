// API servers are strangers: whatever one of them sends, the worker lives on in the heap of the sample settings, says why it could not read the
// cluster, and reads the clusters beside it.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from './api-server.ts';
import { createAuthority, startApiServer } from './api-server.ts';
import type { Told } from './hostile/child.ts';
import type { Server } from './hostile/run.ts';
import { readAll, startHostile } from './hostile/run.ts';
import { hostiles } from './hostile/servers.ts';

/** An instance has 512 MB, of which the host takes some. */
const MOST_RSS = 400_000_000;
/** As many as the host gives one worker at a time (host.json). */
const AT_ONCE = 24;

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

describe('a worker lives, and says what is wrong,', () => {
  let told: readonly Told[];
  beforeAll(async () => {
    const servers = await Promise.all(hostiles.map((hostile) => startHostile(authority, hostile)));
    told = await readAll(authority, servers, false);
  }, 240_000);

  test.each(hostiles.map((hostile, i) => [hostile.name, hostile, i] as const))(
    'where an API server sends %s',
    (_name, { expected, message = /^/ }, i) => {
      expect(told[i]).toMatchObject({ outcome: expected, message: expect.stringMatching(message) as string });
      expect(told[i]!.rss).toBeLessThan(MOST_RSS);
    },
  );
});

test('an API server that sends the reader elsewhere is an error, and nobody gets the token', async () => {
  const elsewhere = await startApiServer(authority);
  const servers = [301, 302, 303, 307, 308].map(async (status): Promise<Server> => {
    const api = await startApiServer(authority);
    api.intercept = (_request, url, response) => {
      if (url.pathname === '/apis') return false;
      response.writeHead(status, { location: `${elsewhere.url}${url.pathname}` }).end();
      return true;
    };
    return { name: String(status), api };
  });
  const told = await readAll(authority, await Promise.all(servers), true);
  expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['error']));
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.close();
});

test('a worker full of hostile API servers lives, and reads the honest one among them', async () => {
  const large = hostiles.filter(({ totalMs, expected }) => totalMs === undefined && expected === 'too-large');
  const servers: Server[] = [];
  for (let i = 0; i < AT_ONCE - 1; i++) servers.push(await startHostile(authority, large[i % large.length]!));
  const told = await readAll(authority, [...servers, { name: 'honest', api: await startHonest() }], true);
  expect(told.slice(0, -1).map(({ outcome }) => outcome)).toEqual(servers.map(() => 'too-large'));
  expect(told.at(-1)).toMatchObject({ outcome: 'read', pods: 3_000 });
  expect(Math.max(...told.map(({ rss }) => rss))).toBeLessThan(MOST_RSS);
});

async function startHonest(): Promise<Server['api']> {
  const honest = await startApiServer(authority);
  honest.lists.set('/api/v1/namespaces', [{ metadata: { name: 'web' } }]);
  const pods = Array.from({ length: 3_000 }, (_, i) => ({
    metadata: { namespace: 'web', name: `web-${i}`, labels: { app: 'web' } },
    spec: { containers: [{ ports: [{ containerPort: 80 }] }] },
    status: { phase: 'Running', podIP: '10.244.0.7' },
  }));
  honest.lists.set('/api/v1/pods', pods);
  return honest;
}
