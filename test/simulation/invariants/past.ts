// The past is as it was: whatever was stored of a cluster is what the API says of that moment, for as long as history is kept.
import type { Result } from '../../../shared/model/result.ts';
import type { StoredRow } from '../../../shared/ports.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';

/** What stood from a moment on. */
interface Version {
  readonly storedAt: number;
  readonly said: string;
}

/** Moments that are asked for of each cluster, besides the oldest that is kept. */
const ASKED = 4;

export function pastIsKept({ clock, config, ask, broken }: Observed): Invariant {
  /** By the key of the cluster, oldest first; a cluster that is gone or forgotten has none. */
  const versions = new Map<string, Version[]>();

  function note({ partitionKey: key, ...row }: StoredRow): void {
    const result = bodyOf<Result>({ partitionKey: key, ...row });
    const storedAt = new Date(row['storedAt'] as string | Date).getTime();
    const known = versions.get(key) ?? [];
    versions.set(key, result.gone ? [] : [...known, { storedAt, said: wordsOf(result) }]);
  }

  async function check(key: string, known: readonly Version[], moment: number): Promise<void> {
    const index = known.findLastIndex(({ storedAt }) => storedAt <= moment);
    // Whoever stands still between looking and storing may store after others: what stood then is not certain.
    const isCertain = known.every(({ storedAt }, i) => i <= index || storedAt > moment);
    if (index === -1 || !isCertain) return;
    const at = new Date(moment).toISOString();
    const { status, body } = await ask(`clusters/${encodeURIComponent(key)}/history?asOf=${at}`);
    const [then] = (body as { readonly value?: readonly Answered[] }).value ?? [];
    const found = then ? wordsOf(then) : `nothing (${status})`;
    if (found !== known[index]!.said) broken(`history says of ${key} at ${at}: ${found}, it was ${known[index]!.said}`);
  }

  return {
    committed(table, changes) {
      if (table !== 'Results') return;
      for (const { before, after } of changes) {
        const row = (after ?? before)!;
        if (row.rowKey !== 'latest' || row.partitionKey.startsWith('subscription~')) continue;
        if (after) note(after);
        else versions.delete(row.partitionKey);
      }
    },
    async settled() {
      const oldest = clock.now().getTime() - config.retentionDays * 86_400_000 + 60_000;
      for (const [key, known] of versions) {
        const kept = known.filter(({ storedAt }) => storedAt > oldest);
        const step = Math.max(1, Math.ceil(kept.length / ASKED));
        const moments = kept.filter((_, i) => i % step === 0).map(({ storedAt }) => storedAt);
        for (const moment of [oldest, ...moments]) await check(key, known, moment);
      }
    },
  };
}

interface Answered {
  readonly verdict: string;
  readonly engine: string;
  readonly findings: readonly { readonly rule: string; readonly subject: string; readonly verdict: string }[];
}

/** What people would compare: the verdict, the engine, and what fails. */
const wordsOf = ({ verdict, engine, findings }: Answered): string =>
  [
    verdict,
    engine,
    ...findings.flatMap((one) => (one.verdict === 'fail' ? [`${one.rule} ${one.subject}`] : [])).toSorted(),
  ].join(', ');
