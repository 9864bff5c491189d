// History shows everything, told or muted, for as long as it is kept.
import type { DriftEvent } from '../../../shared/model/result.ts';
import { readDriftLog } from '../../../shared/store/drift-log.ts';
import type { Invariant, Observed } from './invariant.ts';

export interface HistoryInvariant extends Invariant {
  happened(event: DriftEvent): void;
}

export function historyIsWhole({ clock, config, tables, broken }: Observed): HistoryInvariant {
  const events: DriftEvent[] = [];
  const rows = new Map<string, string>();
  return {
    happened: (event) => void events.push(event),
    committed(table, changes) {
      if (table !== 'Results') return;
      for (const { after } of changes)
        if (after && /^[hd]~/.test(after.rowKey))
          rows.set(`${after.partitionKey} ${after.rowKey}`, after['at'] as string);
    },
    async settled() {
      const kept = new Date(clock.now().getTime() - config.retentionDays * 86_400_000).toISOString();
      const logged = new Set<string>();
      for await (const event of readDriftLog(tables.Fleet, new Date(kept), clock.now())) logged.add(event.id);
      for (const event of events)
        if (event.at > kept && !logged.has(event.id)) broken(`the drift log has no ${event.id}`);
      for (const [name, at] of rows) {
        const [partition, row] = name.split(' ');
        if (at > kept && !(await tables.Results.get(partition!, row!))) broken(`history lost ${name}`);
      }
    },
  };
}
