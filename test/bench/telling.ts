// What a wake-up, an acknowledgement and a list cost beside fifty thousand alerts that are stored: processor time, calls and bytes.
import { createAlertService } from '../../shared/telling/create-alert-service.ts';
import { dispatch, tend } from '../../shared/telling/dispatch.ts';
import type { DispatchContext } from '../../shared/telling/dispatch.ts';
import { subscribe } from '../../shared/telling/destinations.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import type { Row } from '../../shared/ports.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';
import type { Figure } from './report.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const bytesOf = (row: Row | undefined): number =>
  Object.values(row ?? {}).reduce<number>(
    (sum, value) => sum + (value instanceof Uint8Array ? value.length : String(value).length * 2),
    0,
  );

/** @param eventsOf what a scan brings: so many failures on each cluster */
export async function benchTelling(
  fleet: Fleet,
  eventsOf: (scanId: string, per: number) => DriftEvent[],
  per: number,
): Promise<Figure[]> {
  let calls = 0;
  let read = 0;
  let written = 0;
  const stored = memoryTables({
    committed: (_table, changes) => changes.forEach(({ after }) => (written += bytesOf(after))),
  });
  const tables = tablesThrough(async (_what, run) => {
    calls++;
    const answer = await run();
    const rows = Array.isArray(answer) ? (answer as Row[]) : [];
    for (const row of rows) read += bytesOf(row);
    if (answer && typeof answer === 'object' && 'partitionKey' in answer) read += bytesOf(answer as unknown as Row);
    if (answer && typeof answer === 'object' && 'value' in answer && Array.isArray(answer.value))
      for (const row of answer.value as Row[]) read += bytesOf(row);
    return answer;
  }, stored);
  let now = new Date(fleet.closedAt);
  const ctx: DispatchContext = {
    tables,
    queue: { send: async () => void calls++ },
    clock: { now: () => now },
    log: quiet,
    routing: async () => defaultRouting,
    fleet: async () => fleet,
    overdue: async () => undefined,
    catalogue: '1',
  };
  for (const conversationId of ['a', 'b', 'c'])
    await subscribe(
      stored.Chat,
      { address: { conversationId, serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' }, by: 'Robin' },
      now,
    );
  const alerts = createAlertService({
    dispatch: ctx,
    nonce: () => 'n',
    exemptionMaxDays: 365,
    ruleIds: [],
    routingProblems: async () => [],
  });
  const figures: Figure[] = [];
  const measure = async (what: string, run: () => Promise<unknown>): Promise<void> => {
    [calls, read, written] = [0, 0, 0];
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    const kb = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;
    figures.push({
      what: `  ${what}`,
      measured: `${Math.round((user + system) / 1000)} ms of CPU, ${calls} calls, ${kb(read)} read, ${kb(written)} written`,
      bar: '-',
    });
  };
  const later = (): void => void (now = new Date(now.getTime() + 300_000));
  const close = (scanId: string, events: readonly DriftEvent[]): Promise<void> =>
    dispatch(ctx, scanId, { events, remove: async () => undefined }, fleet);
  await measure('the scan that brings them', () => close('s1', eventsOf('s1', per)));
  later();
  await measure('a wake-up', () => tend(ctx));
  for (const again of ['again', 'once more']) {
    later();
    await measure(`a wake-up ${again}`, () => tend(ctx));
  }
  let ids: readonly string[] = [];
  await measure('listing them', async () => (ids = (await alerts.alerts()).map(({ id }) => id)));
  await measure('acknowledging one', () => alerts.acknowledge(ids[0]!, 'Robin'));
  await measure('acknowledging fifty at once', () =>
    Promise.all(ids.slice(1, 51).map((id) => alerts.acknowledge(id, 'Robin'))),
  );
  const [one] = eventsOf('s1', 1);
  await measure('one that is resolved', () =>
    close('s2', [{ ...one!, id: 's2|1', kind: 'resolved', scanId: 's2', at: now.toISOString() }]),
  );
  return [{ what: `Telling beside ${ids.length} alerts that are stored`, measured: '', bar: '' }, ...figures];
}
