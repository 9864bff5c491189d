// The real client and the real emulator on a bad line: what the table says of its writes is what stands in it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Tables } from '../../shared/ports.ts';
import { createTables } from '../../shared/store/azure-tables.ts';
import { untilStored } from '../../shared/store/until-stored.ts';
import { seeded } from '../simulation/random.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

let proxy: FaultProxy;
let tables: Tables;

beforeAll(async () => {
  const kinds = ['lost', 'repeated', 'busy'] as const;
  proxy = await startFaultProxy(inject('azurite'), { random: seeded(1), share: 0, kinds });
  const prefix = `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  tables = createTables({ target: { connectionString: proxy.connectionString }, prefix, timeoutMs: 60_000 });
  await tables.Scans.get('p', 'none');
  proxy.share = 0.3;
});
afterAll(() => proxy.close());

test('of many who claim a row one succeeds, the one whose row stands', async () => {
  for (let round = 0; round < 6; round++) {
    const claim = (writer: number) => tables.Scans.insert({ partitionKey: 'p', rowKey: `claim-${round}`, writer });
    const answers = await Promise.all([0, 1, 2].map(claim));
    const standing = await tables.Scans.get('p', `claim-${round}`);
    expect(answers.flatMap((answer, writer) => (answer === 'inserted' ? [writer] : []))).toEqual([standing!['writer']]);
  }
  expect(proxy.done.lost + proxy.done.repeated).toBeGreaterThan(0);
});

test('what many add to is the sum of what each added', async () => {
  const table = tables.Scans;
  const add = () =>
    untilStored(table, 'the sum', async () => {
      const before = await table.get('p', 'sum');
      const row = { partitionKey: 'p', rowKey: 'sum', value: Number(before?.['value'] ?? 0) + 1 };
      const answer = before ? await table.replace(row, before.etag) : await table.insert(row);
      return answer === 'inserted' || answer === 'replaced' ? 'added' : 'conflict';
    });
  for (let one = 0; one < 12; one++) await add();
  expect((await table.get('p', 'sum'))!['value']).toBe(12);
});
