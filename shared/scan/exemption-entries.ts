// The exemption entries that audits go by: read once a scan and process rather than once a cluster.
import type { ExemptionEntry } from '../model/exemption.ts';
import type { Table } from '../ports.ts';
import { listExemptions } from '../store/exemptions.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';

interface Reading {
  readonly scanId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly entries: Promise<readonly ExemptionEntry[]>;
}

/** An entry that is made while a scan runs is heeded within this time. */
const KEEP_MS = minutes(1);
/** One reading a table, so that apps in one process do not share it. */
const readings = new WeakMap<Table, Reading>();

/** @returns the entries as they were read for this scan at most a minute ago @throws when storage fails */
export function exemptionEntries(
  { tables, clock }: Pick<ScanContext, 'tables' | 'clock'>,
  scanId: string,
): Promise<readonly ExemptionEntry[]> {
  const now = clock.now().getTime();
  const kept = readings.get(tables.Alerts);
  if (kept?.scanId === scanId && now - kept.at < KEEP_MS) return kept.entries;
  const entries = listExemptions(tables.Alerts);
  const reading = { scanId, at: now, entries };
  readings.set(tables.Alerts, reading);
  // A reading that failed is not kept; who awaits it hears of the failure.
  entries.catch(() => readings.get(tables.Alerts) === reading && readings.delete(tables.Alerts));
  return entries;
}
