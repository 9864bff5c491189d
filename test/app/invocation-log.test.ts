// What the real doors log while they work on a message: on their invocation, by level, with the ids of what they work on.
import { afterEach, expect, test, vi } from 'vitest';
import { auditHandler } from '../../functions/audit.ts';
import { enumerateHandler } from '../../functions/enumerate.ts';
import type { App } from '../../shared/app/app.ts';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Invocation } from '../../shared/app/invocation-log.ts';
import { logWithin, writeLine } from '../../shared/app/invocation-log.ts';
import { UnreadableError } from '../../shared/model/estate.ts';
import type { AuditMessage } from '../../shared/scan/messages.ts';
import { openManualScan } from '../../shared/scan/open.ts';
import { memoryEstate, sampleCluster } from '../support/estate.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import { memoryTables } from '../support/memory-tables.ts';

const SUBSCRIPTION = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
const shop = sampleCluster(SUBSCRIPTION, 'shop', { unreadableFields: [{ place: 'x', facts: [], message: 'odd' }] });

interface Line {
  readonly at: string;
  readonly [field: string]: unknown;
}

function fakeInvocation(functionName: string) {
  const lines: Line[] = [];
  const at = (level: string) => (line: string) => void lines.push({ at: level, ...(JSON.parse(line) as object) });
  const invocation: Invocation = {
    invocationId: `run-of-${functionName}`,
    functionName,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  return { invocation, lines };
}

const sent: { readonly queue: string; readonly message: unknown }[] = [];
const build = (): App =>
  createApp(readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }), {
    tables: memoryTables(),
    queue: memoryQueue((queue, body) => sent.push({ queue, message: JSON.parse(body) })),
    estate: {
      ...memoryEstate(new Map([[SUBSCRIPTION, { name: 'Shops', clusters: new Map([['shop', shop]]) }]])),
      subscriptions: async () => {
        throw new UnreadableError('forbidden', 'Azure refused Authorization: Bearer abc.def.ghi0123456789abcdef', '');
      },
    },
    reader: { read: async () => ({ status: 'unknown', reason: 'private', message: 'no way', remedy: '' }) },
  });
afterEach(() => {
  sent.length = 0;
});

test('an audit logs to its own invocation, each line at its level, with the ids of scan, cluster and subscription', async () => {
  const app = build();
  const { scan } = await openManualScan(app.scan, 'test');
  const message: AuditMessage = {
    scanId: scan.id,
    subscriptionId: SUBSCRIPTION,
    id: shop.id,
    name: 'shop',
    baseline: true,
    source: { kind: 'body', cluster: shop },
  };
  const { invocation, lines } = fakeInvocation('audit');
  await logWithin(
    invocation,
    message,
    auditHandler(() => app.scan),
  )(message);
  const ids = { function: 'audit', invocation: 'run-of-audit', scanId: scan.id, cluster: shop.id };
  expect(lines).toEqual([
    expect.objectContaining({ at: 'warn', level: 'warn', message: 'fields of a cluster not understood', ...ids }),
    expect.objectContaining({ at: 'info', level: 'info', message: 'cluster audited', ...ids }),
  ]);
  expect(lines.every((line) => line['subscription'] === SUBSCRIPTION)).toBe(true);
});

test('two at a time do not write into each other’s invocation, and no secret stands in either', async () => {
  const app = build();
  const { scan } = await openManualScan(app.scan, 'test');
  const handler = enumerateHandler(() => app.scan);
  const messages = [
    { kind: 'estate', scanId: scan.id },
    { kind: 'subscription', scanId: scan.id, subscription: { id: SUBSCRIPTION, name: 'Shops' } },
  ];
  const runs = messages.map((message) => ({ message, ...fakeInvocation('enumerate') }));
  await Promise.all(runs.map(async ({ message, invocation }) => logWithin(invocation, message, handler)(message)));
  const [estate, subscription] = runs.map(({ lines }) => lines);
  expect(estate?.map((line) => line['message'])).toEqual(['subscriptions enumerated']);
  expect(estate?.[0]).toMatchObject({ scanId: scan.id, problem: expect.stringContaining('Bearer ***') as string });
  expect(JSON.stringify(runs)).not.toContain('abc.def');
  expect(subscription?.every((line) => line['subscription'] === SUBSCRIPTION)).toBe(true);
});

test('what is logged when the invocation is over, or outside of any, is no less than it is', async () => {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { invocation, lines } = fakeInvocation('wake-timer');
  const { promise, resolve } = Promise.withResolvers<void>();
  let later: Promise<void> | undefined;
  await logWithin(invocation, undefined, async () => {
    later = promise.then(() => writeLine('error', '{"level":"error"}'));
  })();
  resolve();
  await later;
  writeLine('info', '{"level":"info"}');
  expect(lines).toEqual([]);
  expect(err.mock.calls).toEqual([['{"level":"error"}\n']]);
  expect(out.mock.calls).toEqual([['{"level":"info"}\n']]);
});
