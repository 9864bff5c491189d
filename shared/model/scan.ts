// A scan: one pass over the estate, with a slot, a state and a deadline.
import type { FleetSummary, ScanOutcome } from './fleet.ts';
import type { Missing } from './missing.ts';

export interface Scan {
  /** `20261121T0130Z` for a schedule slot, `m-20261121T013012345Z-xxxx` for a manual one; of two scans, the one opened later has the later moment. */
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
  /** Why the subscriptions could not be listed; before it is sealed, what the last attempt failed with. */
  readonly problem?: string;
  readonly closedAt?: string;
  readonly outcome?: ScanOutcome;
  readonly missing?: Missing['missing'];
  /** Absent in rows of older versions: all of it is in `missing`. */
  readonly missingCount?: number;
  readonly summary?: FleetSummary;
  /** The id of the schedule slot that was opened last, by this scan or before it. */
  readonly slot?: string;
  /** Attempts at closing it, as long as none has succeeded; wake-ups at the same time are one. */
  readonly closing?: { readonly tries: number; readonly at: string; readonly problem?: string };
  /** Scans before it that had not finished when it opened, newest first: they are looked after beside it. */
  readonly unfinished?: readonly string[];
  /** Its drift events have been handed to the alerts. */
  readonly dispatched: boolean;
  /** Wake-ups that found it still running and opened no other. */
  readonly skipped: number;
  /** The next tick of its supervision; an earlier one is a duplicate. */
  readonly ticks?: number;
}

const compact = (at: Date, upTo: number): string => at.toISOString().replaceAll(/[-:.]/g, '').slice(0, upTo);

/**
 * @param at the beginning of the slot, which gives the same id however often it is opened; or the moment right after the scan
 *   before, where that one stands for a later moment
 */
export const slotScanId = (at: Date): string => `${compact(at, at.getTime() % 60_000 === 0 ? 13 : 18)}Z`;

/** @returns the slot opened last when this scan was; rows of older versions do not tell it beside the id */
export const lastSlotOf = ({ id, slot }: Pick<Scan, 'id' | 'slot'>): string | undefined =>
  slot ?? (id.startsWith('m-') ? undefined : id);

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

/** Timers fire a few milliseconds early now and then, and clocks differ by seconds. */
const EARLY_MS = 60_000;

/** @returns the beginning of the slot that is due: slots start at midnight UTC, one every period; up to a minute before one begins, it is that one already */
export function slotOf(now: Date, periodMinutes: number): Date {
  const period = periodMinutes * 60_000;
  return new Date(Math.floor((now.getTime() + Math.min(EARLY_MS, period / 2)) / period) * period);
}
