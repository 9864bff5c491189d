// What goes on a queue comes off it whole, and a message too long for it costs nobody anything.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditMessage, parseMessage } from '../../shared/scan/messages.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { encodeMessage } from '../../shared/store/queue-message.ts';
import { clusters } from '../support/arm-bodies.ts';
import { sampleCluster } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { createWorld } from '../support/world.ts';
import { runs } from '../support/runs.ts';

const SUB = '11111111-1111-4111-8111-111111111111';

test('any cluster survives the queue', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const { id, name, subscriptionId } = cluster;
      const sent = { scanId: 's', subscriptionId, id, name, baseline: true, source: { kind: 'body', cluster } };
      const received = JSON.parse(Buffer.from(encodeMessage('audit', sent), 'base64').toString()) as unknown;
      expect(parseMessage('audit', auditMessage, received)).toEqual(sent);
    }),
    { numRuns: runs(500) },
  );
});

test.each([
  ['in one byte a character', 'x'],
  ['in three bytes a character', '検'],
])('a cluster with fifty long tags %s is audited like its neighbours', async (_name, letter) => {
  const world = createWorld({ tables: memoryTables() });
  const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`tag-${i}`, letter.repeat(256)]));
  // Together with the tags: less than 40 Ki characters, and in UTF-8 more than 48 KiB.
  const authorizedIpRanges = Array.from({ length: 1_200 }, (_, i) => `203.0.${i % 256}.0/24`);
  const large = sampleCluster(SUB, 'large', { tags, authorizedIpRanges });
  const rest = ['shop', 'pay'].map((name) => sampleCluster(SUB, name));
  world.subscriptions.set(SUB, { name: 'prod', clusters: new Map([large, ...rest].map((c) => [c.name, c])) });
  await world.timer();
  await world.run();
  const fleet = await readFleet(world.ctx.tables.Fleet);
  expect(fleet).toMatchObject({
    outcome: 'complete',
    missing: [],
    summary: { clusters: 3, unreadableSubscriptions: 0 },
  });
});
