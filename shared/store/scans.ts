// Scans: one row each, newest first, and a pointer to the current one: of many who try to open a scan at once, only one succeeds.
import { z } from 'zod';
import { reverseTimeKey } from '../model/keys.ts';
import type { Scan } from '../model/scan.ts';
import { scanMoment } from '../model/scan.ts';
import type { Row, Table } from '../ports.ts';
import type { Versioned } from './results.ts';
import { bodyKind, columnKind } from './row-kind.ts';
import { prefixRange, rowsOf } from './rows.ts';
import { storeRow, untilStored } from './until-stored.ts';

const PARTITION = 'scan';
const CURRENT = 'current';

const PURGE = 'purge';
const SCAN = 's~';
const scanRow = bodyKind('Scans', z.object({ scan: z.custom<Scan>() }));
const currentRow = columnKind('Scans', z.object({ scanId: z.string() }));
const purgeRow = columnKind('Scans', z.object({ day: z.string() }));

const rowKey = (id: string): string => `${SCAN}${reverseTimeKey(scanMoment(id) ?? new Date(0))}~${id}`;
const toRow = (scan: Scan): Row => ({ partitionKey: PARTITION, rowKey: rowKey(scan.id), ...scanRow.write({ scan }) });

export async function readScan(table: Table, id: string): Promise<Versioned<Scan> | undefined> {
  const row = await table.get(PARTITION, rowKey(id));
  return row && { ...scanRow.read(row).scan, etag: row.etag };
}

/** @returns the id of the scan opened last */
export async function readCurrentId(table: Table): Promise<string | undefined> {
  const pointer = await table.get(PARTITION, CURRENT);
  return pointer && currentRow.read(pointer).scanId;
}

/** @returns the scan opened last, open or closed */
export async function readCurrent(table: Table): Promise<Versioned<Scan> | undefined> {
  const id = await readCurrentId(table);
  return id === undefined ? undefined : readScan(table, id);
}

/**
 * Opens a scan unless somebody else has opened one since `currentId` was read.
 * @returns `lost` when somebody has
 */
export async function openScanRow(table: Table, scan: Scan, currentId: string | undefined): Promise<'opened' | 'lost'> {
  const pointer = await table.get(PARTITION, CURRENT);
  if ((pointer && currentRow.read(pointer).scanId) !== currentId) return 'lost';
  const row = { partitionKey: PARTITION, rowKey: CURRENT, ...currentRow.write({ scanId: scan.id }) };
  const outcome = await table.transact(PARTITION, [
    { kind: 'insert', row: toRow(scan) },
    pointer ? { kind: 'replace', row, etag: pointer.etag } : { kind: 'insert', row },
  ]);
  return outcome === 'committed' ? 'opened' : 'lost';
}

/**
 * Changes a scan.
 * @param change gives the next state, or undefined to leave it as it is
 * @returns the scan as it then stands; undefined when there is none
 * @throws when others keep changing it
 */
export async function changeScan(
  table: Table,
  id: string,
  change: (scan: Scan) => Scan | undefined,
): Promise<Scan | undefined> {
  return untilStored(table, `scan ${id}`, async () => {
    const row = await table.get(PARTITION, rowKey(id));
    if (!row) return undefined;
    const { scan } = scanRow.read(row);
    const next = change(scan);
    if (!next) return scan;
    return (await storeRow(table, toRow(next), row)) === 'stored' ? next : 'conflict';
  });
}

/** Scans, newest first. */
export async function listScans(table: Table, limit: number): Promise<readonly Scan[]> {
  const scans: Scan[] = [];
  for await (const row of rowsOf(table, { partition: PARTITION, ...prefixRange(SCAN), limit }))
    scans.push(scanRow.read(row).scan);
  return scans;
}

/** @param day `2026-11-21` @returns true for the first caller of a day */
export async function claimPurge(table: Table, day: string): Promise<boolean> {
  const before = await table.get(PARTITION, PURGE);
  if (before && purgeRow.read(before).day === day) return false;
  const row = { partitionKey: PARTITION, rowKey: PURGE, ...purgeRow.write({ day }) };
  return (await storeRow(table, row, before)) === 'stored';
}

/** Deletes scans older than a moment, but never the current one, however old: the next scan opens only where the pointer finds it. */
export async function purgeScans(table: Table, before: Date): Promise<void> {
  const pointer = await table.get(PARTITION, CURRENT);
  const current = pointer && rowKey(currentRow.read(pointer).scanId);
  const range = { partition: PARTITION, ...prefixRange(SCAN, reverseTimeKey(before)) };
  for await (const row of rowsOf(table, range)) if (row.rowKey !== current) await table.delete(PARTITION, row.rowKey);
}
