// An engine that is switched off and on again, from the estate to the cards: nobody is left with a red card about what is not so.
import { beforeEach, expect, test } from 'vitest';
import type { Card, CardItem } from '../../shared/alerts/card.ts';
import { createApp } from '../../shared/app/app.ts';
import type { App } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import { clusterKey } from '../../shared/model/keys.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import type { QueueName } from '../../shared/ports.ts';
import { auditOne } from '../../shared/scan/audit-cluster.ts';
import { enumerate } from '../../shared/scan/enumerate.ts';
import { auditMessage, enumerateMessage, parseMessage, superviseMessage } from '../../shared/scan/messages.ts';
import { openSlotScan } from '../../shared/scan/open.ts';
import { tick } from '../../shared/scan/supervise.ts';
import { CARD, alertRows, cardRow } from '../../shared/telling/alert-rows.ts';
import { subscribe } from '../../shared/telling/destinations.ts';
import { memoryEstate, sampleCluster, withoutEngine } from '../support/estate.ts';
import { SUBSCRIPTION } from '../support/fleet.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import { memoryTables } from '../support/memory-tables.ts';

const shop = sampleCluster(SUBSCRIPTION, 'shop');
const clusters = new Map<string, Cluster>();
const objectOf = (kind: string, name: string, namespace?: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels: { app: name }, ...(namespace === undefined ? {} : { namespace }) },
});

let app: App;
let now: Date;
let pods: string[];
let externalIps: string[];
/** Teams cannot be reached. */
let isDown: boolean;
let messages: { readonly queue: QueueName; readonly body: string }[];

beforeEach(async () => {
  now = new Date('2026-11-21T09:30:10Z');
  pods = ['front'];
  externalIps = [];
  isDown = false;
  messages = [];
  clusters.clear();
  clusters.set(shop.id, shop);
  const tables = memoryTables();
  app = createApp(readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }), {
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tables,
    queue: memoryQueue((queue, body) => messages.push({ queue, body })),
    estate: memoryEstate(new Map([[SUBSCRIPTION, { name: 'Retail', clusters }]])),
    reader: {
      read: async () => {
        const raws: object[] = [objectOf('Namespace', 'web'), ...pods.map((name) => objectOf('Pod', name, 'web'))];
        if (externalIps.length > 0)
          raws.push({
            ...objectOf('Service', 'shop', 'web'),
            spec: { type: 'ClusterIP', externalIPs: externalIps, selector: { app: 'front' }, ports: [{ port: 80 }] },
          });
        return { status: 'read', objects: parseObjects(raws).objects, forbiddenKinds: [] };
      },
    },
    chat: {
      post: async () =>
        isDown ? { status: 'retry', message: '503' } : { status: 'sent', activityId: `a${now.getTime()}` },
      update: async (_to, activityId) => ({ status: 'sent', activityId }),
    },
  });
  const address = {
    conversationId: 'T',
    serviceUrl: 'https://s',
    tenantId: 't',
    kind: 'channel',
    reference: '{}',
  } as const;
  await subscribe(tables.Chat, { address, by: 'Robin' }, now);
});

/** The next scan, and what follows from it. */
async function scan(): Promise<void> {
  now = new Date(now.getTime() + 1_800_000);
  await openSlotScan(app.scan);
  const signal = new AbortController().signal;
  for (let message = messages.shift(); message; message = messages.shift()) {
    const body: unknown = JSON.parse(message.body);
    if (message.queue === 'enumerate')
      await enumerate(app.scan, parseMessage('enumerate', enumerateMessage, body), signal);
    else if (message.queue === 'audit') await auditOne(app.scan, parseMessage('audit', auditMessage, body), signal);
    else if (message.queue === 'supervise') {
      const parsed = parseMessage('supervise', superviseMessage, body);
      if (parsed.kind === 'tick') await tick(app.scan, parsed);
    }
  }
  await app.wake();
  messages = [];
}

async function cards(): Promise<readonly Card[]> {
  const found: Card[] = [];
  for await (const row of alertRows(app.tables.Alerts, CARD)) found.push(cardRow.read(row).card);
  return found;
}

const open = async (): Promise<readonly CardItem[]> =>
  (await cards()).flatMap((card) =>
    card.kind === 'digest' ? [] : card.items.filter(({ shown }) => shown === 'firing' || shown === 'acknowledged'),
  );

/** What a card says is what the API says at that moment. */
async function expectTrue(): Promise<void> {
  const known = await app.api.result(clusterKey(shop.id));
  const fails = known!.result.findings
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ rule, subject, severity, message }) => `${rule} ${subject} ${severity} ${message}`);
  for (const { event } of await open())
    expect(fails).toContain(`${event.rule} ${event.subject} ${event.severity} ${event.detail}`);
}

const subjects = async (): Promise<string[]> =>
  (await open()).map(({ event }) => `${event.rule} ${event.subject}`).toSorted();

test('off and on again: its own card is resolved, and nothing inside is told as new', async () => {
  await scan();
  await scan();
  expect(await cards()).toEqual([]);
  clusters.set(shop.id, withoutEngine(shop));
  await scan();
  expect(await subjects()).toEqual(['engine-enabled cluster']);
  await expectTrue();
  clusters.set(shop.id, shop);
  await scan();
  expect(await open()).toEqual([]);
  await scan();
  expect([await open(), await app.alerts.alerts()]).toEqual([[], []]);
});

test('what failed before it was off is on its card as it was, and what began meanwhile is told when it is on again', async () => {
  await scan();
  pods.push('back');
  await scan();
  const before = await subjects();
  expect(before).toContain('pod-isolated workload/web/back[Pod]');
  await expectTrue();
  clusters.set(shop.id, withoutEngine(shop));
  pods.push('side');
  await scan();
  await scan();
  clusters.set(shop.id, shop);
  await scan();
  await scan();
  await expectTrue();
  const after = before.map((text) => text.replace('back', 'side'));
  expect(await subjects()).toEqual([...before, ...after].toSorted());
});

test('what waited under a silence is told as it is when the silence ends, and not at all when it is no longer so', async () => {
  await scan();
  const endsAt = new Date(now.getTime() + 100 * 60_000);
  await app.alerts.silence({ matchers: ['cluster=shop'], endsAt, comment: 'a test' }, 'Robin');
  pods.push('back');
  externalIps = ['192.0.2.1'];
  await scan();
  expect(await cards()).toEqual([]);
  pods = ['front'];
  externalIps = ['192.0.2.1', '192.0.2.2'];
  for (let again = 0; again < 3; again++) await scan();
  await expectTrue();
  expect((await open()).map(({ event }) => event.detail)).toEqual([expect.stringContaining('192.0.2.2')]);
});

test('what waited through an outage of Teams is told as it is when Teams is back', async () => {
  await scan();
  isDown = true;
  externalIps = ['192.0.2.1'];
  await scan();
  externalIps = ['192.0.2.1', '192.0.2.2'];
  for (let again = 0; again < 3; again++) await scan();
  isDown = false;
  await scan();
  await expectTrue();
  const posted = (await cards()).flatMap((card) => (card.kind === 'digest' ? [] : card.items));
  expect(posted.map(({ event }) => event.detail)).toEqual([expect.stringContaining('192.0.2.2')]);
});
