// A scan: one pass over the estate, with a slot, a state and a deadline.
import type { FleetSummary, ScanOutcome } from './fleet.ts';
import type { Missing } from './missing.ts';

export interface Scan {
  /** `20261121T0130Z` for a schedule slot, `m-20261121T013012345Z-xxxx` for a manual one. */
  readonly id: string;
  /** RFC 3339: the moment it stands for; results of a later moment are never overwritten by an earlier scan. */
  readonly at: string;
  readonly by: string;
  readonly openedAt: string;
  readonly deadline: string;
  readonly state: 'open' | 'closed';
  /** All subscriptions are known and have their work rows. */
  readonly sealed: boolean;
  /** When work was last handed out or re-sent. */
  readonly sentAt: string;
  readonly subscriptions: number;
  /** Why the subscriptions could not be listed. */
  readonly problem?: string;
  readonly closedAt?: string;
  readonly outcome?: ScanOutcome;
  readonly missing?: Missing['missing'];
  /** Absent in rows of older versions: all of it is in `missing`. */
  readonly missingCount?: number;
  readonly summary?: FleetSummary;
  /** Its drift events have been handed to the alerts. */
  readonly dispatched: boolean;
  /** Wake-ups that found it still running and opened no other. */
  readonly skipped: number;
  /** The next tick of its supervision; an earlier one is a duplicate. */
  readonly ticks?: number;
}

const compact = (at: Date, upTo: number): string => at.toISOString().replaceAll(/[-:.]/g, '').slice(0, upTo);

/** @returns the id of the scan of a schedule slot: the same however often it is opened */
export const slotScanId = (slot: Date): string => `${compact(slot, 13)}Z`;

/** @param nonce a few characters that tell apart manual scans of the same millisecond */
export const manualScanId = (at: Date, nonce: string): string => `m-${compact(at, 18)}Z-${nonce}`;

/** @returns the moment a scan id stands for, or undefined when it is not a scan id */
export function scanMoment(id: string): Date | undefined {
  const match = /^(?:m-)?(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:(\d\d)(\d{3}))?Z(?:-[a-z0-9]{1,40})?$/.exec(id);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '00', milli = '000'] = match;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** @returns true when a scan stands for a later moment than another; what is not a scan id comes before all that are */
export const isLaterScan = (id: string, than: string): boolean =>
  (scanMoment(id)?.getTime() ?? 0) > (scanMoment(than)?.getTime() ?? 0);

/** @returns the slot that a moment falls into: slots start at midnight UTC, one every period */
export function slotOf(now: Date, periodMinutes: number): Date {
  const period = periodMinutes * 60_000;
  return new Date(Math.floor(now.getTime() / period) * period);
}
