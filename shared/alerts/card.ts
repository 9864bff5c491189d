// What one posted card holds, kept so that it can be brought up to date: plain data, rendered when it is sent.
import type { FleetSummary } from '../model/fleet.ts';
import type { Alert, AlertEvent, Shown, Silenced } from './alert.ts';
import { shownAs } from './alert.ts';

export interface CardItem {
  readonly alertId: string;
  readonly event: AlertEvent;
  readonly shown: Shown;
  /** RFC 3339: since when that has been so. */
  readonly at: string;
  /** Who acknowledged it. */
  readonly by?: string;
  /** Present exactly when it is shown as silenced. */
  readonly silence?: Silenced;
}

/** @returns what a card says of an alert now */
export function itemOf(alert: Alert): CardItem {
  const { id, event, since, ack, silence } = alert;
  const shown = shownAs(alert);
  return {
    alertId: id,
    // No card says them, and they may be long.
    event: { ...event, tags: {} },
    shown,
    at: ack?.at ?? since,
    ...(ack ? { by: ack.by } : {}),
    ...(shown === 'silenced' && silence ? { silence } : {}),
  };
}

/** A card holds this many alerts; it shows fewer. */
const MAX_ITEMS = 100;
/** Cards of one step are stored in one transaction of 4 MiB: this leaves room for as many as a step may bring. */
const MAX_ITEM_BYTES = 48_000;

/** @returns as many of the alerts as a card holds, at least one if there is one, and how many more there are */
export function itemsOf(alerts: readonly Alert[], most = MAX_ITEMS): Pick<AlertsCard, 'items' | 'more'> {
  const items: CardItem[] = [];
  let bytes = 0;
  for (const alert of alerts.slice(0, most)) {
    const item = itemOf(alert);
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length > 0 && bytes > MAX_ITEM_BYTES) break;
    items.push(item);
  }
  return { items, more: alerts.length - items.length };
}

interface CardBase {
  readonly id: string;
  /** Key of the destination. */
  readonly destination: string;
  readonly scanId: string;
  /** RFC 3339: when it was written. */
  readonly at: string;
  /** One sentence when scans have stopped. */
  readonly overdue?: string;
  /** One sentence when other conversations cannot be posted to. */
  readonly failed?: string;
}

/** Alerts of one group, worst first. `repeat`: they were told before, and it is still so. */
export interface AlertsCard extends CardBase {
  readonly kind: 'alerts' | 'repeat';
  /** What the group has in common, for instance `subscription Shop`; absent when not grouped. */
  readonly group?: string;
  readonly items: readonly CardItem[];
  /** How many more there are than the items. */
  readonly more: number;
}

/** So much changed at once that the single changes would bury what they have in common. */
export interface StormCard extends CardBase {
  readonly kind: 'storm';
  /** Why it is one card: `37 of 120 clusters changed`, or that the rules changed. */
  readonly why: string;
  readonly clusters: number;
  readonly byKind: readonly { readonly kind: string; readonly rule?: string; readonly clusters: number }[];
  /** The worst, as on an alerts card. */
  readonly items: readonly CardItem[];
  readonly more: number;
}

export interface DigestPoint {
  /** RFC 3339 moment of the last scan of a day. */
  readonly at: string;
  readonly summary: FleetSummary;
}

export interface DigestCard extends CardBase {
  readonly kind: 'digest';
  readonly period: 'day' | 'week';
  readonly summary: FleetSummary;
  /** One for each day that had a scan, oldest first. */
  readonly trend: readonly DigestPoint[];
  /** What fires and nobody has acknowledged, worst first. */
  readonly unacknowledged: readonly CardItem[];
  readonly more: number;
  /** Drift events of the period by kind. */
  readonly changes: readonly { readonly kind: string; readonly count: number }[];
  readonly silences: number;
}

export type Card = AlertsCard | StormCard | DigestCard;
