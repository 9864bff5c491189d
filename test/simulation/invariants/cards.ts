// What a card says of a failure when it is posted is what the API says of it at that moment: the same severity, in the same words.
import type { Severity } from '../../../shared/model/verdict.ts';
import type { Invariant, Observed } from './invariant.ts';
import type { Failure, Known } from './known.ts';
import { alertOf, nameOf } from './known.ts';
import { isDispatched } from './lasting.ts';
import { saidBy } from './shown.ts';

/** What a stored result says of a failure, until the next one says otherwise. */
interface Version {
  readonly name: string;
  readonly known: Known;
  readonly failure: Failure;
  readonly severity: Severity;
  readonly message: string;
  /** Undefined while it is what the newest result says. */
  until?: number;
}

/** The longest message that a card shows whole. */
const SHOWN_CHARS = 600;

export function cardsSayWhatIs({ clock, broken }: Observed, clusters: ReadonlyMap<string, Known>): Invariant {
  /** By the id of the alert, oldest first. */
  const versions = new Map<string, Version[]>();
  let dispatched = 0;

  function note(cluster: Known, now: number): void {
    const { standing, result } = cluster;
    const { clusterId, name } = result!;
    for (const failure of standing.values()) {
      const id = alertOf(clusterId, failure);
      // Without an engine the API says so of each failure inside, although none of them is decided anew.
      const found = result!.findings.find((one) => one.verdict === 'fail' && nameOf(one) === nameOf(failure));
      const { severity, message } = found ?? failure;
      const known = versions.get(id) ?? [];
      const last = known.at(-1);
      if (last && last.until === undefined && last.severity === severity && last.message === message) continue;
      if (last) last.until ??= now;
      versions.set(id, [
        ...known,
        { name: `${nameOf(failure)} of ${name}`, known: cluster, failure, severity, message },
      ]);
    }
  }

  return {
    committed(table, changes) {
      const now = clock.now().getTime();
      if (table === 'Scans' && changes.some(isDispatched)) dispatched = now;
      if (table !== 'Results') return;
      for (const { after } of changes) {
        const known = after?.rowKey === 'latest' ? clusters.get(after.partitionKey) : undefined;
        if (known?.result) note(known, now);
      }
    },
    posted(post) {
      if (post.update) return;
      for (const { alert, severity, state, detail } of saidBy(post)) {
        const known = versions.get(alert);
        if (!known || !/^(firing|acknowledged|silenced)/.test(state)) continue;
        // A scan may be looking at the cluster again while its last one is being told.
        const valid = known.filter(({ until }) => until === undefined || until >= dispatched);
        if (valid.some((one) => one.severity === severity && says(detail, one))) continue;
        const now = valid.map((one) => `${one.severity}: ${one.message}`).join(' / ');
        broken(`${post.conversationId} is told of ${known[0]!.name} "${severity}: ${detail}", the API says "${now}"`);
      }
    },
  };
}

/** What the newest result cannot decide is told as what it was. */
function says(detail: string, { known, failure, message }: Version): boolean {
  if (detail.slice(0, SHOWN_CHARS - 1) === message.slice(0, SHOWN_CHARS - 1)) return true;
  const now = known.result?.findings.find((one) => nameOf(one) === nameOf(failure));
  const isDecided = now?.verdict === 'fail' && !known.result?.midOperation;
  return !isDecided && detail === 'It failed when it was last decided.';
}
