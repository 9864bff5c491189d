// Changing what others change too: read, take a step, write if nothing has changed since; after a conflict, do it all again.
import type { Row, Table } from '../ports.ts';

/** When fifty write the same row and one succeeds each time, all are done within this many tries. */
const MOST_TRIES = 50;

/**
 * The one optimistic loop. After a conflict it waits: longer each time, and for no two writers equally long.
 * @param table where the conflict was: it knows how long to wait
 * @param what is being changed, for the error's text: `scan 20261121T0130Z`
 * @param step reads, decides and writes with the etag it read; `conflict` when somebody else wrote in between
 * @returns what the step returned in the end
 * @throws when others keep changing it, and whatever the step throws
 */
export async function untilStored<T>(table: Table, what: string, step: () => Promise<T | 'conflict'>): Promise<T> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const outcome = await step();
    if (outcome !== 'conflict') return outcome;
    await table.backOff(tries);
  }
  throw new Error(`Others kept changing ${what}: it could not be stored in ${MOST_TRIES} tries`);
}

/** Writes a row where it still stands as it was read. @param before as it was read; undefined when there was none */
export async function storeRow(
  table: Table,
  row: Row,
  before: { readonly etag: string } | undefined,
): Promise<'stored' | 'conflict'> {
  const outcome = before ? await table.replace(row, before.etag) : await table.insert(row);
  return outcome === 'replaced' || outcome === 'inserted' ? 'stored' : 'conflict';
}
