// Telling: who is owed what becomes cards, and cards that say something else than is the case are brought up to date.
import { createHash } from 'node:crypto';
import { compareText } from '../model/finding.ts';
import { severityRank } from '../model/verdict.ts';
import type { Alert, AlertEvent, Shown } from './alert.ts';
import { shownAs } from './alert.ts';
import type { AlertsCard, Card, CardItem, StormCard } from './card.ts';
import { itemOf } from './card.ts';
import type { Muting } from './mute.ts';
import type { GroupField, Routing, Target } from './routing.ts';
import { isQuiet, routeTo } from './routing.ts';

export interface NotifyContext {
  readonly routing: Routing;
  readonly targets: readonly Target[];
  readonly muting: Muting;
  readonly now: Date;
  readonly scanId: string;
  /** Clusters in the fleet, to tell a storm by. */
  readonly fleetSize: number;
  readonly subscriptionName: (id: string) => string;
  /** The rules were changed since the last scan. */
  readonly newRules: boolean;
  readonly overdue: string | undefined;
  /** At most this many cards and updates; what is left comes the next time. */
  readonly most: number;
}

/** Items of a card that say something else now. */
export interface CardUpdate {
  readonly card: string;
  readonly destination: string;
  readonly items: readonly Pick<CardItem, 'alertId' | 'shown' | 'at' | 'by'>[];
}

export interface Told {
  readonly alerts: readonly Alert[];
  readonly posts: readonly Card[];
  readonly updates: readonly CardUpdate[];
  /** More is owed than fitted. */
  readonly more: boolean;
}

/** A card holds this many alerts; it shows fewer. */
const MAX_ITEMS = 100;

interface Due {
  readonly alert: Alert;
  readonly destination: string;
  readonly kind: AlertsCard['kind'];
  readonly group: string;
}

/** @param alerts all of them @returns them as they stand after telling, with the cards to post and to update */
export function notify(alerts: readonly Alert[], ctx: NotifyContext): Told {
  const present = new Set(ctx.targets.map(({ key }) => key));
  const awake = alerts.map((alert) => dropMuted(forgetAbsent(alert, present), ctx));
  const due = awake.flatMap((alert) => duesOf(alert, ctx));
  const bundles = bundle(due, ctx);
  const posted = bundles.slice(0, ctx.most);
  const tellings = new Map<string, Telling[]>();
  for (const { card, dues } of posted)
    for (const { alert, destination } of dues)
      tellings.set(alert.id, [...(tellings.get(alert.id) ?? []), { destination, card: card.id }]);
  const stale = new Updates();
  const after = awake.map((alert) => bringUpToDate(alert, tellings.get(alert.id) ?? [], stale, ctx));
  const room = Math.max(0, ctx.most - posted.length);
  const updates = stale.list();
  const later = new Set(updates.slice(room).map(({ card }) => card));
  return {
    alerts: after.map((alert, index) => keepStale(alert, awake[index]!, later)),
    posts: posted.map(({ card }) => card),
    updates: updates.slice(0, room),
    more: bundles.length > posted.length || later.size > 0,
  };
}

/** A conversation that left is owed nothing, and its cards cannot be reached. */
function forgetAbsent(alert: Alert, present: ReadonlySet<string>): Alert {
  const keys = Object.keys(alert.told);
  if (alert.owed.every((key) => present.has(key)) && keys.every((key) => present.has(key))) return alert;
  const told = Object.fromEntries(Object.entries(alert.told).filter(([key]) => present.has(key)));
  return { ...alert, owed: alert.owed.filter((key) => present.has(key)), told };
}

/** What happened once while it was muted is not told later; what lasts waits until it is muted no more. */
const dropMuted = (alert: Alert, { muting }: NotifyContext): Alert =>
  alert.type === 'change' && alert.owed.length > 0 && muting(alert).length > 0 ? { ...alert, owed: [] } : alert;

function duesOf(alert: Alert, ctx: NotifyContext): readonly Due[] {
  const { routing, targets, now } = ctx;
  const repeat = alert.owed.length === 0 && isRepeatDue(alert, ctx);
  const owed = repeat ? Object.keys(alert.told) : alert.status === 'firing' ? alert.owed : [];
  if (owed.length === 0 || ctx.muting(alert).length > 0) return [];
  return owed.flatMap((destination): Due[] => {
    const route = routeTo(routing, alert.event, destination, targets);
    if (isQuiet(route, now)) return [];
    return [
      { alert, destination, kind: repeat ? 'repeat' : 'alerts', group: groupOf(alert.event, route.groupBy, ctx) },
    ];
  });
}

function isRepeatDue({ type, status, flapping, ack, toldAt, event }: Alert, { routing, now }: NotifyContext): boolean {
  const hours = routing.repeatHours[event.severity];
  if (type !== 'state' || status !== 'firing' || flapping || ack || toldAt === undefined || hours === undefined)
    return false;
  return now.getTime() - Date.parse(toldAt) >= hours * 3_600_000;
}

const groupValue = (event: AlertEvent, field: GroupField, { subscriptionName }: NotifyContext): string => {
  if (field === 'cluster') return event.clusterName;
  if (field === 'subscription') return subscriptionName(event.subscriptionId);
  if (field === 'namespace') return event.subject?.split('/')[1] ?? '';
  if (field.startsWith('tag.')) {
    const name = field.slice(4).toLowerCase();
    return Object.entries(event.tags).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
  }
  return String(event[field as 'resourceGroup' | 'rule' | 'severity' | 'kind'] ?? '');
};

const groupOf = (event: AlertEvent, fields: readonly GroupField[], ctx: NotifyContext): string =>
  fields.map((field) => `${field} ${groupValue(event, field, ctx) || 'none'}`).join(', ');

interface Bundle {
  readonly card: Card;
  readonly dues: readonly Due[];
}

/** Dues of one destination, kind and group are one card; in a storm all fresh ones of a destination are. */
function bundle(due: readonly Due[], ctx: NotifyContext): readonly Bundle[] {
  const fresh = due.filter(({ kind }) => kind === 'alerts');
  const why = stormOf(fresh, ctx);
  const keyOf = ({ destination, kind, group }: Due): string =>
    [destination, kind, why !== undefined && kind === 'alerts' ? '' : group].join('\n');
  return [...Map.groupBy(due, keyOf).entries()]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, dues]) => {
      const worst = dues.toSorted((a, b) => compareAlerts(a.alert, b.alert));
      const storm = why !== undefined && worst[0]!.kind === 'alerts';
      return { card: storm ? stormCard(worst, why, ctx) : alertsCard(worst, ctx), dues };
    });
}

/** Worst first, then by cluster, rule and subject: the one order of alerts. */
export function compareAlerts(a: Alert, b: Alert): number {
  return (
    severityRank(a.event.severity) - severityRank(b.event.severity) ||
    compareText(a.event.clusterName, b.event.clusterName) ||
    compareText(a.event.id, b.event.id)
  );
}

const clustersOf = (dues: readonly Due[]): number => new Set(dues.map(({ alert }) => alert.event.clusterId)).size;

function stormOf(fresh: readonly Due[], { routing, fleetSize, newRules }: NotifyContext): string | undefined {
  const clusters = clustersOf(fresh);
  if (newRules && clusters > 1)
    return `The rules themselves changed: ${clusters} clusters are judged otherwise than before`;
  const { share, clusters: least } = routing.storm;
  return clusters >= least && clusters > share * fleetSize ? `${clusters} of ${fleetSize} clusters changed` : undefined;
}

function baseOf(dues: readonly Due[], ctx: NotifyContext) {
  const { destination, kind } = dues[0]!;
  const text = [destination, kind, ctx.now.toISOString(), ...dues.map(({ alert }) => alert.id)].join('\n');
  const at = ctx.now.toISOString();
  const shown = dues.slice(0, MAX_ITEMS);
  return {
    id: createHash('sha256').update(text).digest('hex').slice(0, 20),
    destination,
    scanId: ctx.scanId,
    at,
    ...(ctx.overdue === undefined ? {} : { overdue: ctx.overdue }),
    items: shown.map(({ alert }) => itemOf(alert)),
    more: dues.length - shown.length,
  };
}

function alertsCard(dues: readonly Due[], ctx: NotifyContext): AlertsCard {
  const { kind, group } = dues[0]!;
  return { ...baseOf(dues, ctx), kind, ...(group === '' ? {} : { group }) };
}

function stormCard(dues: readonly Due[], why: string, ctx: NotifyContext): StormCard {
  const kinds = Map.groupBy(dues, ({ alert: { event } }) => `${event.kind}\n${event.rule ?? ''}`);
  const byKind = [...kinds.values()]
    .map((same) => {
      const { kind, rule } = same[0]!.alert.event;
      return { kind, ...(rule === undefined ? {} : { rule }), clusters: clustersOf(same) };
    })
    .toSorted((a, b) => b.clusters - a.clusters || compareText(a.rule ?? a.kind, b.rule ?? b.kind));
  return { ...baseOf(dues, ctx), kind: 'storm', why, clusters: clustersOf(dues), byKind };
}

interface Telling {
  readonly destination: string;
  readonly card: string;
}

class Updates {
  private readonly byCard = new Map<string, { destination: string; items: CardUpdate['items'][number][] }>();

  add(card: string, destination: string, item: CardUpdate['items'][number]): void {
    const known = this.byCard.get(card);
    if (known) known.items.push(item);
    else this.byCard.set(card, { destination, items: [item] });
  }
  list(): readonly CardUpdate[] {
    return [...this.byCard].map(([card, rest]) => ({ card, ...rest })).toSorted((a, b) => compareText(a.card, b.card));
  }
}

/** @returns the alert with where it stands now on which card; what stands otherwise is added to the updates */
function bringUpToDate(alert: Alert, tellings: readonly Telling[], updates: Updates, ctx: NotifyContext): Alert {
  const shown = shownAs(alert);
  const { at } = itemOf(alert);
  const told: Record<string, { card: string; as: Shown }> = { ...alert.told };
  for (const [destination, { card, as }] of Object.entries(alert.told)) {
    const elsewhere = tellings.some((telling) => telling.destination === destination);
    const now: Shown = elsewhere ? (as === 'resolved' ? 'resolved' : 'repeated') : shown;
    if (now === as || alert.type === 'change') continue;
    updates.add(card, destination, { alertId: alert.id, shown: now, at, ...(alert.ack ? { by: alert.ack.by } : {}) });
    told[destination] = { card, as: now };
  }
  if (tellings.length === 0) return { ...alert, told };
  for (const { destination, card } of tellings) told[destination] = { card, as: shown };
  const done = new Set(tellings.map(({ destination }) => destination));
  return {
    ...alert,
    told,
    owed: alert.owed.filter((destination) => !done.has(destination)),
    toldAt: ctx.now.toISOString(),
  };
}

/** Where a card could not be updated yet, the alert still stands there as before. */
function keepStale(alert: Alert, before: Alert, later: ReadonlySet<string>): Alert {
  if (later.size === 0) return alert;
  const told = Object.fromEntries(
    Object.entries(alert.told).map(([destination, now]) => {
      const was = before.told[destination];
      return [destination, was && was.card === now.card && later.has(was.card) ? was : now];
    }),
  );
  return { ...alert, told };
}
