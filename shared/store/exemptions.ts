// Exemptions made over the API or in chat: one row each, kept as evidence after they end, until they are purged.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExemptionEntry } from '../model/exemption.ts';
import { compareText } from '../model/finding.ts';
import type { Clock, Table } from '../ports.ts';
import { bodyKind } from './row-kind.ts';
import { rowsOf } from './rows.ts';
import { storeRow, untilStored } from './until-stored.ts';

/** An entry. If somebody ended it early: who, and when it would have ended. */
export type KeptExemption = ExemptionEntry & {
  readonly ended?: { readonly by: string; readonly insteadOf: string };
};

const PARTITION = 'exemption';
const entryRow = bodyKind('Alerts', z.object({ entry: z.custom<KeptExemption>() }));

/** @param nonce never the same twice @returns ten characters that people can type */
export const exemptionId = (nonce: string): string => createHash('sha256').update(nonce).digest('hex').slice(0, 10);

/** @returns true for what may be the id of an exemption or a silence: whatever else people type may not even be a key */
export const isShortId = (text: string): boolean => /^[0-9a-f]{1,10}$/.test(text);

/** @returns every entry, ended ones included, newest first */
export async function listExemptions(table: Table): Promise<readonly KeptExemption[]> {
  const found: KeptExemption[] = [];
  for await (const row of rowsOf(table, { partition: PARTITION })) found.push(entryRow.read(row).entry);
  return found.toSorted((a, b) => compareText(b.createdAt, a.createdAt) || compareText(a.id, b.id));
}

/** @returns the entry of that id, ended or not */
export async function findExemption(table: Table, id: string): Promise<KeptExemption | undefined> {
  const row = await table.get(PARTITION, id);
  return row && entryRow.read(row).entry;
}

/** @returns `exists` when its id is taken: whoever made it gave the same nonce twice; then nothing is changed */
export async function addExemption(table: Table, entry: ExemptionEntry): Promise<'added' | 'exists'> {
  const outcome = await table.insert({ partitionKey: PARTITION, rowKey: entry.id, ...entryRow.write({ entry }) });
  return outcome === 'inserted' ? 'added' : 'exists';
}

/**
 * Ends an entry now; one that has ended before keeps its end.
 * @param by who ends it, kept with the end that it was to have
 * @throws when others keep changing it
 */
export async function endExemption(table: Table, id: string, now: Date, by = ''): Promise<'ended' | 'unknown'> {
  if (!isShortId(id)) return 'unknown';
  return untilStored(table, `exemption ${id}`, async () => {
    const before = await table.get(PARTITION, id);
    if (!before) return 'unknown';
    const { entry } = entryRow.read(before);
    if (Date.parse(entry.expires) <= now.getTime()) return 'ended';
    const ended = { ...entry, expires: now.toISOString(), ended: { by, insteadOf: entry.expires } };
    const row = { partitionKey: PARTITION, rowKey: id, ...entryRow.write({ entry: ended }) };
    return (await storeRow(table, row, before)) === 'stored' ? 'ended' : 'conflict';
  });
}

/** Deletes the entries that ended before a moment. @returns how many */
export async function purgeExemptions(table: Table, before: Date): Promise<number> {
  let purged = 0;
  for (const { id, expires } of await listExemptions(table))
    if (Date.parse(expires) < before.getTime() && (await table.delete(PARTITION, id)) === 'deleted') purged++;
  return purged;
}

/** An entry made while a scan runs takes effect within this time. */
const KEEP_MS = 60_000;

/**
 * A reader for the many audits of a scan: it asks the table once per scan and minute, not once per cluster.
 * @returns the entries as they were read for this scan at most a minute ago; throws when storage fails
 */
export function cachedExemptions(table: Table, clock: Clock): (scanId: string) => Promise<readonly ExemptionEntry[]> {
  let kept:
    { readonly scanId: string; readonly at: number; readonly entries: Promise<readonly ExemptionEntry[]> } | undefined;
  return (scanId) => {
    const at = clock.now().getTime();
    if (kept?.scanId === scanId && at - kept.at < KEEP_MS) return kept.entries;
    const reading = { scanId, at, entries: listExemptions(table) };
    kept = reading;
    // A reading that failed is not kept; everybody who awaits it gets the error.
    reading.entries.catch(() => kept === reading && (kept = undefined));
    return reading.entries;
  };
}
