// The Estate port with the real SDKs against the simulated Azure, in good days and bad.
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { simulatedCredential } from '../../infra/local/azure/credential.ts';
import { estateFromFiles } from '../../infra/local/azure/estate-files.ts';
import { generatedEstate } from '../../infra/local/azure/generated-estate.ts';
import type { faultSchema } from '../../infra/local/azure/faults.ts';
import { loopbackHttpClient } from '../../infra/local/azure/http-client.ts';
import type { SimulatedAzure } from '../../infra/local/azure/server.ts';
import { startSimulatedAzure } from '../../infra/local/azure/server.ts';
import type { AzureEstateOptions } from '../../shared/estate/azure-estate.ts';
import { createAzureEstate } from '../../shared/estate/azure-estate.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { ListedCluster } from '../../shared/model/estate.ts';
import type { Estate } from '../../shared/ports.ts';
import type { z } from 'zod';

const ESTATE = fileURLToPath(new URL('../../infra/local/estate', import.meta.url));
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = new AbortController().signal;
const fast = {
  // Only a test that waits for an end of patience shortens it: a busy machine is slow at everything.
  timeoutMs: 60_000,
  maxRetries: 3,
  baseDelayMs: 1,
  maxDelayMs: 1_500,
  maxTotalMs: 5_000,
  random: (): number => 0.5,
};

let azure: SimulatedAzure;
beforeEach(async () => {
  azure = await startSimulatedAzure({ estate: estateFromFiles(ESTATE, () => undefined), pageSize: 2 });
});
afterEach(() => azure.close());

const open = (more: Partial<AzureEstateOptions> = {}): Estate =>
  createAzureEstate({
    credential: simulatedCredential(),
    endpoint: azure.endpoint,
    allow: [],
    deny: [],
    managementGroups: [],
    managedNamespaces: true,
    limits: fast,
    log: quiet,
    httpClient: loopbackHttpClient(),
    ...more,
  });

async function clustersOf(estate: Estate, name: string, signal = never): Promise<ListedCluster[]> {
  const subscription = (await estate.subscriptions(never)).find((s) => s.name === name)!;
  const found: ListedCluster[] = [];
  for await (const page of estate.clusters(subscription.id, signal)) found.push(...page);
  return found;
}

const namespacesOf = (cluster: Cluster) => open().managedNamespaces!(cluster, never);

describe('subscriptions', () => {
  test('every page of enabled subscriptions is read', async () => {
    const names = (await open().subscriptions(never)).map((s) => s.name);
    expect(names).toEqual(['Retail production', 'Retail staging', 'Logistics', 'Legacy', 'Finance']);
  });

  test('allow, deny, tenant and management group narrow the list', async () => {
    const [first, second] = await open().subscriptions(never);
    const names = async (more: Partial<AzureEstateOptions>): Promise<string[]> =>
      (await open(more).subscriptions(never)).map((s) => s.name);
    expect(await names({ allow: [first!.id] })).toEqual(['Retail production']);
    expect(await names({ deny: [first!.id, second!.id] })).toEqual(['Logistics', 'Legacy', 'Finance']);
    expect(await names({ managementGroups: ['retail'] })).toEqual(['Retail production', 'Retail staging']);
    expect(await names({ tenantId: '00000000-0000-4000-8000-000000000000' })).toEqual([]);
  });

  test('what another tenant has delegated is there and says whose it is, whether the own tenant is set or told by the token', async () => {
    const [own, theirs] = ['0c9a4b52-7a3e-4ed0-8f0d-5b7e2d6c1a11', '7d1b1c52-7a3e-4ed0-8f0d-5b7e2d6c1a22'];
    const one = (name: string, tenantId: string, managedBy: readonly string[]) => ({
      id: `6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7b0${name.length}`,
      folder: '',
      unreadable: false,
      body: {
        subscriptionId: `6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7b0${name.length}`,
        displayName: name,
        state: 'Enabled',
        tenantId,
        managedByTenants: managedBy.map((id) => ({ tenantId: id })),
      },
    });
    const listed = [one('a', own, [theirs]), one('bb', theirs, [own.toUpperCase()]), one('ccc', theirs, [])];
    const lighthouse = await startSimulatedAzure({ estate: { subscriptions: () => listed, clusters: () => [] } });
    const tokenOf = (tid: string): string => `x.${Buffer.from(JSON.stringify({ tid })).toString('base64url')}.y`;
    const tenants = async (more: Partial<AzureEstateOptions>) =>
      (await open({ endpoint: lighthouse.endpoint, ...more }).subscriptions(never)).map((s) => [s.name, s.homeTenant]);
    try {
      expect(await tenants({ tenantId: own })).toEqual([
        ['a', undefined],
        ['bb', theirs],
      ]);
      expect(await tenants({ tenantId: theirs })).toEqual([
        ['a', own],
        ['bb', undefined],
        ['ccc', undefined],
      ]);
      const simulated = simulatedCredential();
      let asked = 0;
      // The simulated Azure takes its own token only: the one that is looked into is asked for last.
      const credential = {
        getToken: async () =>
          ++asked > 1 ? { token: tokenOf(own), expiresOnTimestamp: Date.now() } : simulated.getToken(''),
      };
      expect(await tenants({ credential })).toEqual([
        ['a', undefined],
        ['bb', theirs],
        ['ccc', theirs],
      ]);
      expect(await tenants({})).toEqual([
        ['a', undefined],
        ['bb', undefined],
        ['ccc', undefined],
      ]);
    } finally {
      await lighthouse.close();
    }
  });

  test('a management group nobody knows is an error that names it', async () => {
    await expect(open({ managementGroups: ['nope'] }).subscriptions(never)).rejects.toThrow(/management group nope/);
  });
});

describe('clusters', () => {
  test('all pages arrive, normalised, with managed namespaces', async () => {
    const listed = await clustersOf(open(), 'Retail production');
    expect(listed.map((c) => c.name)).toEqual([
      'catalog-prod',
      'checkout-prod',
      'pos-prod',
      'search-prod',
      'shop-prod',
    ]);
    const checkout = listed.find((c) => c.name === 'checkout-prod')!;
    expect('cluster' in checkout && (await namespacesOf(checkout.cluster))).toEqual({
      managedNamespaces: expect.arrayContaining([{ name: 'partners', ingress: 'allowall', egress: 'allowall' }]),
    });
  });

  test('ids and enums in any case come out the same', async () => {
    const staging = (await clustersOf(open(), 'Retail staging')).find((c) => c.name === 'Search-Staging')!;
    expect(staging.id).toBe(staging.id.toLowerCase());
    expect('cluster' in staging && staging.cluster.network).toMatchObject({ policy: 'cilium', dataplane: 'cilium' });
  });

  test('a subscription without a role is a verdict that says what to grant', async () => {
    await expect(clustersOf(open(), 'Finance')).rejects.toMatchObject({
      reason: 'subscription-unreadable',
      remedy: expect.stringContaining('az role assignment create') as string,
    });
  });

  type FaultInput = z.input<typeof faultSchema>;
  /** Where a call hangs, many short tries: on a busy machine the first of them may fail by themselves. */
  const limitsFor = ({ kind }: FaultInput) => (kind === 'hang' ? { ...fast, timeoutMs: 200, maxRetries: 15 } : fast);
  test.each<[string, FaultInput]>([
    ['503 twice', { kind: 'status', status: 503, times: 2 }],
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: 1 }],
    ['429 without Retry-After', { kind: 'status', status: 429, times: 2 }],
    ['a connection reset', { kind: 'reset' }],
    ['a request that hangs', { kind: 'hang' }],
  ])('%s is got over', async (_name, fault) => {
    azure.faults.add({ path: 'managedClusters', ...fault });
    expect(await clustersOf(open({ managedNamespaces: false, limits: limitsFor(fault) }), 'Legacy')).toHaveLength(4);
  });

  test.each<[string, FaultInput, string]>([
    ['503 all the time', { kind: 'status', status: 503, times: 99 }, 'transient'],
    [
      '429 that asks for longer than the scan has',
      { kind: 'status', status: 429, retryAfter: 900, times: 99 },
      'transient',
    ],
    ['requests that all hang', { kind: 'hang', times: 99 }, 'timeout'],
    ['HTML instead of JSON', { kind: 'garbage', times: 99 }, 'error'],
    ['a body cut off', { kind: 'truncated', times: 99 }, 'error'],
    ['a list that is no list', { kind: 'wrong-shape', times: 99 }, 'error'],
  ])('%s is a verdict, not an empty list', async (_name, fault, reason) => {
    azure.faults.add({ path: 'managedClusters', ...fault });
    await expect(clustersOf(open({ limits: limitsFor(fault) }), 'Legacy')).rejects.toMatchObject({
      name: 'UnreadableError',
      reason,
    });
  });

  test('cancelling ends the call at once', async () => {
    azure.faults.add({ path: 'managedClusters', kind: 'hang', times: 99 });
    const controller = new AbortController();
    const call = clustersOf(open(), 'Legacy', controller.signal);
    queueMicrotask(() => controller.abort());
    await expect(call).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('managed namespaces that may not be read are unread with a reason, and the cluster is there', async () => {
    azure.faults.add({ path: 'managedNamespaces', kind: 'status', status: 403, times: 99 });
    const [first] = await clustersOf(open(), 'Legacy');
    expect(first && 'cluster' in first && (await namespacesOf(first.cluster))).toMatchObject({
      managedNamespacesUnread: { reason: 'forbidden' },
    });
  });

  test('listing them asks about no single one, and switched off nobody may', async () => {
    const [first] = await clustersOf(open({ managedNamespaces: false }), 'Legacy');
    expect(first && 'cluster' in first && first.cluster.managedNamespacesUnread).toMatchObject({ reason: 'disabled' });
    expect(open({ managedNamespaces: false }).managedNamespaces).toBeUndefined();
    await clustersOf(open(), 'Legacy');
    expect(azure.requests.get('managednamespaces')).toBeUndefined();
  });
});

describe('one cluster', () => {
  test('only a 404 means gone', async () => {
    const estate = open();
    const [known] = await clustersOf(estate, 'Legacy');
    expect(await estate.cluster(known!.id, never)).toMatchObject({ id: known!.id });
    expect(await estate.cluster(`${known!.id}-not`, never)).toBe('gone');
    azure.faults.add({ path: 'managedClusters', kind: 'status', status: 403 });
    await expect(estate.cluster(known!.id, never)).rejects.toMatchObject({ reason: 'cluster-unreadable' });
  });

  test('a subscription that Azure hides is not a cluster that is gone', async () => {
    const hidden =
      '/subscriptions/00000000-0000-4000-8000-000000000000/resourcegroups/g/providers/microsoft.containerservice/managedclusters/c';
    await expect(open().cluster(hidden, never)).rejects.toMatchObject({
      reason: 'cluster-unreadable',
      message: expect.stringContaining('SubscriptionNotFound') as string,
    });
  });

  test('a 404 that is not from Azure Resource Manager is not a cluster that is gone', async () => {
    const estate = open();
    const [known] = await clustersOf(estate, 'Legacy');
    azure.faults.add({ path: 'managedClusters', kind: 'status', status: 404 });
    await expect(estate.cluster(known!.id, never)).rejects.toMatchObject({ reason: 'cluster-unreadable' });
  });
});

describe('sign-in and servers that misbehave', () => {
  test('no token is a verdict that says how to sign in, and shows no secret', async () => {
    const credential = {
      getToken: async () => {
        const error = new Error('the endpoint refused Bearer eyJhbGciOi.eyJzdWIiOi.c2ln\n  at somewhere');
        error.name = 'CredentialUnavailableError';
        throw error;
      },
    };
    const failure: unknown = await open({ credential })
      .subscriptions(never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'forbidden', remedy: expect.stringContaining('az login') as string });
    expect(String(failure)).not.toMatch(/eyJ|somewhere/);
  });

  /** A server that answers every request the same; `HOST` in a body stands for itself. */
  async function against(body: unknown, run: (estate: Estate, requests: () => number) => Promise<void>): Promise<void> {
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      const text = JSON.stringify(body)
        .replaceAll('HOST', request.headers.host ?? '')
        .replaceAll('COUNT', `${requests}`);
      response.setHeader('content-type', 'application/json').end(text);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    try {
      await run(open({ endpoint: `https://127.0.0.1:${port}` }), () => requests);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const all = async (pages: AsyncIterable<unknown>): Promise<void> => {
    for await (const _page of pages);
  };

  test('a next page that was there before ends the listing with an error', async () => {
    await against({ value: [], nextLink: 'https://HOST/again' }, async (estate, requests) => {
      await expect(all(estate.clusters('s', never))).rejects.toMatchObject({ reason: 'error' });
      expect(requests()).toBeLessThan(5);
    });
  });

  test('pages without an end are cut off', async () => {
    await against({ value: [], nextLink: 'https://HOST/page/COUNT' }, async (estate, requests) => {
      await expect(all(estate.clusters('s', never))).rejects.toMatchObject({ reason: 'error' });
      expect(requests()).toBeLessThan(1_100);
    });
  });

  /** A server that sends pieces until nobody takes them; gzip members follow each other as one stream. */
  async function flood(
    head: string,
    piece: string,
    packed: boolean,
    run: (estate: Estate) => Promise<void>,
  ): Promise<number> {
    let sent = 0;
    const [first, next] = [head, piece].map((text) => (packed ? gzipSync(text) : Buffer.from(text)));
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      if (packed) response.setHeader('content-encoding', 'gzip');
      response.write(first);
      const more = (): void => {
        while (!response.destroyed) {
          sent += next!.length;
          if (!response.write(next)) return;
        }
      };
      response.on('drain', more);
      more();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      await run(open({ endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }));
    } finally {
      server.closeAllConnections();
      server.close();
    }
    return sent;
  }

  test.each<[string, string, string, boolean, RegExp]>([
    ['that never ends', '{"value":[', `"${'x'.repeat(100_000)}",`, false, /16 MB/],
    ['that is small and unpacks without end', '{"value":["', 'x'.repeat(1_000_000), true, /16 MB/],
    ['of more values than any', '{"value":[', '[],'.repeat(50_000), false, /1000000 values/],
    ['of text that never ends', '{"value":["', 'x'.repeat(100_000), false, /16 MB/],
  ])('a body %s is left where it is too large', async (_name, head, piece, packed, message) => {
    const sent = await flood(head, piece, packed, async (estate) => {
      const expected = { reason: 'too-large', message: expect.stringMatching(message) as string };
      await expect(all(estate.clusters('s', never))).rejects.toMatchObject(expected);
      await expect(estate.subscriptions(never)).rejects.toMatchObject(expected);
    });
    // What lies in the buffers of two connections is sent besides.
    expect(sent).toBeLessThan(100_000_000);
  });

  test('a list of more items than any is left', async () => {
    await against(
      { value: Array.from({ length: 30_000 }, () => 0), nextLink: 'https://HOST/page/COUNT' },
      async (estate, requests) => {
        await expect(estate.subscriptions(never)).rejects.toMatchObject({ reason: 'too-large' });
        expect(requests()).toBe(2);
      },
    );
  });

  test('the token does not follow a next page to another host', async () => {
    await against({ value: [], nextLink: 'https://127.0.0.2:9/page' }, async (estate, requests) => {
      await expect(all(estate.clusters('s', never))).rejects.toThrow(/another host/);
      expect(requests()).toBe(1);
    });
  });

  test('every operation ends in one log line with its id, duration, attempts and status', async () => {
    const lines: Record<string, unknown>[] = [];
    const note = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ message, ...fields });
    const estate = open({ log: { info: note, warn: note, error: note }, managedNamespaces: false });
    azure.faults.add({ path: 'managedClusters', kind: 'status', status: 503 });
    await clustersOf(estate, 'Legacy');
    expect(lines.map((line) => line['message'])).toEqual(['subscriptions listed', 'clusters listed']);
    expect(lines[1]).toMatchObject({ clusters: 4, attempts: 3, status: 200 });
    expect(lines[1]).toHaveProperty('subscription');
    expect(lines[1]).toHaveProperty('ms');
  });
});

test('throttling as Azure does it is waited out by Retry-After', async () => {
  const throttled = await startSimulatedAzure({ estate: generatedEstate(1, 5) });
  try {
    const estate = open({
      endpoint: throttled.endpoint,
      limits: { ...fast, maxDelayMs: 5_000, maxTotalMs: 60_000 },
    });
    const [subscription] = await estate.subscriptions(never);
    const answers: unknown[] = [];
    for await (const page of estate.clusters(subscription!.id, never))
      for (let round = 0; round < 13; round++)
        for (const listed of page)
          if ('cluster' in listed) answers.push(await estate.managedNamespaces!(listed.cluster, never));
    expect(answers).toEqual(Array.from({ length: 65 }, () => ({ managedNamespaces: [] })));
    expect(throttled.requests.get('managednamespaces')).toBeGreaterThan(65);
  } finally {
    await throttled.close();
  }
});
