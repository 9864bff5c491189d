// Scans: one row each, newest first, and a pointer to the current one that makes opening a race with one winner.
import { reverseTimeKey } from '../model/keys.ts';
import type { Scan } from '../model/scan.ts';
import { scanMoment } from '../model/scan.ts';
import type { Row, StoredRow, Table } from '../ports.ts';
import { packBody, unpackBody } from './body.ts';
import type { Versioned } from './results.ts';

const PARTITION = 'scan';
const CURRENT = 'current';

const rowKey = (id: string): string => `s~${reverseTimeKey(scanMoment(id) ?? new Date(0))}~${id}`;
const toRow = (scan: Scan): Row => ({ partitionKey: PARTITION, rowKey: rowKey(scan.id), ...packBody(scan) });
const toScan = (row: StoredRow): Versioned<Scan> => ({ ...unpackBody<Scan>(row), etag: row.etag });

export async function readScan(table: Table, id: string): Promise<Versioned<Scan> | undefined> {
  const row = await table.get(PARTITION, rowKey(id));
  return row && toScan(row);
}

/** @returns the scan opened last, open or closed */
export async function readCurrent(table: Table): Promise<Versioned<Scan> | undefined> {
  const pointer = await table.get(PARTITION, CURRENT);
  return pointer && readScan(table, pointer['scanId'] as string);
}

/**
 * Opens a scan where nobody else did since `current` was read.
 * @returns `lost` when somebody opened this or another scan meanwhile
 */
export async function openScanRow(table: Table, scan: Scan, currentId: string | undefined): Promise<'opened' | 'lost'> {
  const pointer = await table.get(PARTITION, CURRENT);
  if (pointer?.['scanId'] !== currentId) return 'lost';
  const row = { partitionKey: PARTITION, rowKey: CURRENT, scanId: scan.id };
  const outcome = await table.transact(PARTITION, [
    { kind: 'insert', row: toRow(scan) },
    pointer ? { kind: 'replace', row, etag: pointer.etag } : { kind: 'insert', row },
  ]);
  return outcome === 'committed' ? 'opened' : 'lost';
}

/**
 * Changes a scan by etag until it sticks.
 * @param change gives the next state, or undefined to leave it as it is
 * @returns the scan as it then stands
 */
export async function changeScan(
  table: Table,
  id: string,
  change: (scan: Scan) => Scan | undefined,
): Promise<Scan | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const found = await readScan(table, id);
    if (!found) return undefined;
    const { etag, ...scan } = found;
    const next = change(scan);
    if (!next) return scan;
    if ((await table.replace(toRow(next), etag)) === 'replaced') return next;
  }
  throw new Error(`Scan ${id} is changed by others all the time`);
}

/** Scans, newest first. */
export async function listScans(table: Table, limit: number): Promise<readonly Scan[]> {
  const scans: Scan[] = [];
  for await (const page of table.pages({ partition: PARTITION, rowFrom: 's~', rowTo: 's\u007f', limit }))
    for (const row of page) {
      const { etag: _etag, ...scan } = toScan(row);
      scans.push(scan);
    }
  return scans;
}

const PURGE = 'purge';

/** @param day `2026-11-21` @returns true for the first who asks on a day */
export async function claimPurge(table: Table, day: string): Promise<boolean> {
  const row = { partitionKey: PARTITION, rowKey: PURGE, schema: 1, day };
  const before = await table.get(PARTITION, PURGE);
  if (before?.['day'] === day) return false;
  return before ? (await table.replace(row, before.etag)) === 'replaced' : (await table.insert(row)) === 'inserted';
}

/** Deletes scans older than a moment. */
export async function purgeScans(table: Table, before: Date): Promise<void> {
  for await (const page of table.pages({
    partition: PARTITION,
    rowFrom: `s~${reverseTimeKey(before)}`,
    rowTo: 's\u007f',
  }))
    for (const row of page) await table.delete(PARTITION, row.rowKey);
}
