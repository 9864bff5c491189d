// Exemptions made over the API or in chat: one row each, kept after they ended as evidence until they are purged.
import { createHash } from 'node:crypto';
import type { ExemptionEntry } from '../model/exemption.ts';
import { compareText } from '../model/finding.ts';
import type { Table } from '../ports.ts';
import { packBody, unpackBody } from './body.ts';

const PARTITION = 'exemption';

/** An entry, and where somebody ended it early, who and until when it would have run. */
export type KeptExemption = ExemptionEntry & {
  readonly ended?: { readonly by: string; readonly insteadOf: string };
};

/** @param nonce never the same twice @returns ten characters that people can type */
export const exemptionId = (nonce: string): string => createHash('sha256').update(nonce).digest('hex').slice(0, 10);

/** @returns every entry, ended ones included, newest first */
export async function listExemptions(table: Table): Promise<readonly KeptExemption[]> {
  const found: KeptExemption[] = [];
  for await (const page of table.pages({ partition: PARTITION }))
    for (const row of page) found.push(unpackBody<KeptExemption>(row));
  return found.toSorted((a, b) => compareText(b.createdAt, a.createdAt) || compareText(a.id, b.id));
}

/** @throws RangeError when its id is taken: whoever made it gave the same nonce twice */
export async function addExemption(table: Table, entry: ExemptionEntry): Promise<void> {
  const outcome = await table.insert({ partitionKey: PARTITION, rowKey: entry.id, ...packBody(entry) });
  if (outcome === 'exists') throw new RangeError(`There is an exemption ${entry.id} already`);
}

/**
 * Ends an entry at a moment; one that has ended before keeps its end.
 * @param by who ends it, kept with the end it was to have
 */
export async function endExemption(table: Table, id: string, now: Date, by = ''): Promise<'ended' | 'unknown'> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const row = await table.get(PARTITION, id);
    if (!row) return 'unknown';
    const entry = unpackBody<KeptExemption>(row);
    if (Date.parse(entry.expires) <= now.getTime()) return 'ended';
    const ended = { ...entry, expires: now.toISOString(), ended: { by, insteadOf: entry.expires } };
    const { partitionKey, rowKey } = row;
    if ((await table.replace({ partitionKey, rowKey, ...packBody(ended) }, row.etag)) === 'replaced') return 'ended';
  }
  throw new Error(`The exemption ${id} is changed by others all the time`);
}

/** Deletes what ended before a moment. @returns how many */
export async function purgeExemptions(table: Table, before: Date): Promise<number> {
  let purged = 0;
  for (const { id, expires } of await listExemptions(table))
    if (Date.parse(expires) < before.getTime() && (await table.delete(PARTITION, id)) === 'deleted') purged++;
  return purged;
}
