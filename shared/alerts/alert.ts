// An alert: something that is wrong and stays wrong until it is mended, or a change that happened once.
import { compareText } from '../model/finding.ts';
import type { DriftEvent, DriftKind } from '../model/result.ts';
import { severityRank } from '../model/verdict.ts';

/** What alerts tell besides the drift of clusters: that Bulkhead itself stopped, can no longer reach somebody, has too many alerts or was told to look away. */
export const ownKinds = [
  'scans-stopped',
  'destination-failed',
  'alerts-forgotten',
  'everything-silenced',
  'everything-exempted',
] as const;
export type AlertKind = DriftKind | (typeof ownKinds)[number];
export type AlertEvent = Omit<DriftEvent, 'kind'> & { readonly kind: AlertKind };

/** @returns true for what is about Bulkhead itself */
export const isOwn = ({ kind }: AlertEvent): boolean => ownKinds.some((own) => own === kind);

/** `pending`: seen, but not yet in as many scans as it takes to fire. `resolved`: kept a while, to notice flapping. */
export const alertStatuses = ['pending', 'firing', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

/** What a card says of an alert. */
export type Shown = 'firing' | 'acknowledged' | 'silenced' | 'flapping' | 'resolved' | 'happened' | 'repeated';

export interface Acknowledgement {
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly comment?: string;
}

/** The silence that keeps an alert from being told, of several the one that ends last. */
export interface Silenced {
  readonly id: string;
  readonly by: string;
  /** RFC 3339. */
  readonly until: string;
}

/** What a card says of an alert, as far as it can become outdated. */
export interface Saying {
  readonly as: Shown;
  /** The id of the silence, where it says that the alert is silenced. */
  readonly silence?: string;
}

/** The card on which an alert stands in a conversation, and what that card says of it. */
export interface Told extends Saying {
  readonly card: string;
  /** RFC 3339: when that card was decided. */
  readonly at?: string;
  /** Older cards that have yet to say that it was told again, oldest first. */
  readonly before?: readonly string[];
}

export interface Alert {
  /** Twelve characters that people can type; the same for the same cluster, rule and subject. The first three are those of its cluster. */
  readonly id: string;
  /** A `change` is over when it is told; a `state` lasts. */
  readonly type: 'state' | 'change';
  readonly status: AlertStatus;
  /** What describes it best: the newest drift event about it. */
  readonly event: AlertEvent;
  /** It failed before anybody could be told: it raises no card. One is remembered only while somebody has acknowledged it. */
  readonly baseline?: true;
  /** RFC 3339: since when it has had its status; of a baseline failure, when it was last looked at. */
  readonly since: string;
  /** Scans in a row that spoke against its status: failures while pending, passes while firing. */
  readonly seen: number;
  /** The last scan that was counted. */
  readonly scanId: string;
  /** RFC 3339 moments at which it turned between failing and not, within the flap window, oldest first. */
  readonly turns: readonly string[];
  readonly flapping: boolean;
  /** Destinations that are to hear of it and have not yet. */
  readonly owed: readonly string[];
  /** By destination. */
  readonly told: Readonly<Record<string, Told>>;
  /** RFC 3339: when it was last told. */
  readonly toldAt?: string;
  readonly ack?: Acknowledgement;
  /** Only while it lasts. */
  readonly silence?: Silenced;
}

/** @returns true for what lasts and is not resolved: what is wrong at present, as far as scans have told */
export const isOpen = ({ type, status }: Alert): boolean => type === 'state' && status !== 'resolved';

/** @returns what a card should say of it now */
export function shownAs(alert: Alert): Shown {
  if (alert.type === 'change') return 'happened';
  if (alert.silence && (alert.flapping || alert.status === 'firing')) return 'silenced';
  if (alert.flapping) return 'flapping';
  // One that has yet to fire again still stands as resolved on the cards that told it before.
  if (alert.status !== 'firing') return 'resolved';
  return alert.ack ? 'acknowledged' : 'firing';
}

export function sayingOf(alert: Alert): Saying {
  const as = shownAs(alert);
  return as === 'silenced' && alert.silence ? { as, silence: alert.silence.id } : { as };
}

/** Worst first, then by cluster, rule and subject: the one order of alerts. */
export const compareAlerts = ({ event: a }: Alert, { event: b }: Alert): number =>
  severityRank(a.severity) - severityRank(b.severity) ||
  compareText(a.clusterName, b.clusterName) ||
  compareText(a.id, b.id);
