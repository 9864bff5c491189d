// Plays scans, people and time against the alerts, and writes down what is told as short lines.
import type { Advanced } from '../../shared/alerts/advance.ts';
import { advance } from '../../shared/alerts/advance.ts';
import type { Acknowledgement, Alert, Shown } from '../../shared/alerts/alert.ts';
import type { Card } from '../../shared/alerts/card.ts';
import { emptyState } from '../../shared/alerts/model.ts';
import type { Routing } from '../../shared/alerts/routing.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import { parseRouting } from '../../shared/alerts/routing-file.ts';
import type { Silence } from '../../shared/alerts/alert-service.ts';
import type { DriftEvent, DriftKind } from '../../shared/model/result.ts';
import { fleetCluster, fleetOf } from './fleet.ts';
import type { AdvanceInput, AlertsState, DigestContent, Sighting } from '../../shared/alerts/model.ts';

/** @returns the routing of a text that must be right */
export function routingOf(text: string): Routing {
  const { routing, problems } = parseRouting(text);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return routing;
}

export interface Play {
  now: Date;
  routing: Routing;
  /** Names of the clusters there are; cluster `a` has id `a`. */
  clusters: string[];
  /** Clusters without an engine. */
  bare: Set<string>;
  /** Clusters that cannot be read. */
  dark: Set<string>;
  silences: Silence[];
  targets: { key: string; name?: string; since?: string }[];
  failed: { key: string; why: string }[];
  overdue: string | undefined;
  catalogue: string;
  digest: DigestContent | undefined;
  state: AlertsState;
  /** `KIND CLUSTER [SUBJECT]` with what else is to be said of it. */
  event(kind: DriftKind, cluster: string, more?: Partial<DriftEvent>): DriftEvent;
  /** A scan closes with these events; what it saw of alerts that wait is given by their cluster. */
  scan(events?: readonly DriftEvent[], seen?: Readonly<Record<string, Sighting['verdict']>>): string[];
  /** Nothing but time. */
  tend(): string[];
  later(minutes: number): void;
  ack(by: string): void;
  alert(cluster: string): Alert | undefined;
  /** By card, what stands there of each alert: what people see. */
  readonly shown: Map<string, Map<string, Shown>>;
}

const lines = (card: Card): string[] => {
  const to = `${card.destination}: `;
  if (card.kind === 'digest')
    return [`${to}digest of the ${card.period}, ${card.unacknowledged.length} unacknowledged`];
  if (card.kind === 'storm') return [`${to}storm: ${card.why}`];
  const what = card.items.map(({ event, shown }) =>
    [event.kind, event.clusterName, event.subject === 'cluster' ? '' : event.subject, shown === 'happened' ? '' : shown]
      .filter(Boolean)
      .join(' '),
  );
  const head = [card.kind === 'repeat' ? 'again ' : '', card.group ? `[${card.group}] ` : ''].join('');
  return [`${to}${head}${what.join('; ')}${card.more > 0 ? ` and ${card.more} more` : ''}`];
};

const linesOf = ({ cards, updates }: Advanced): string[] => [
  ...cards.flatMap(lines),
  ...updates.map(({ destination, items }) => `${destination} update: ${items.map(({ shown }) => shown).join(', ')}`),
];

export function play(over: Partial<Play> = {}): Play {
  let scans = 0;
  const step = (given: Pick<AdvanceInput, 'events' | 'sightings' | 'scanId'>): string[] => {
    const fleet = fleetOf(
      self.clusters.map((name) => ({
        ...fleetCluster(name, { engine: self.bare.has(name) ? 'none' : 'cilium' }),
        id: name,
        subscriptionId: 'sub',
        ...(self.dark.has(name) ? { unreadable: { reason: 'timeout' as const, message: 'slow' } } : {}),
      })),
    );
    const input: AdvanceInput = {
      ...given,
      fleet: { ...fleet, subscriptions: [{ id: 'sub', name: 'Shop', readable: true, since: fleet.at }] },
      catalogue: self.catalogue,
      routing: self.routing,
      silences: self.silences,
      targets: self.targets.map((target) => {
        const failed = self.failed.find(({ key }) => key === target.key);
        return failed ? { ...target, failed: failed.why } : target;
      }),
      overdue: self.overdue,
      digest: self.digest,
      now: self.now,
    };
    const next = advance(self.state, input);
    self.state = next.state;
    for (const card of next.cards)
      if (card.kind !== 'digest')
        self.shown.set(card.id, new Map(card.items.map(({ alertId, shown }) => [alertId, shown])));
    for (const { card, items } of next.updates)
      for (const { alertId, shown } of items) {
        const stood = self.shown.get(card)?.get(alertId);
        if (stood === undefined) throw new Error(`${alertId} never stood on card ${card}`);
        if (shown === 'resolved' && stood === 'happened') throw new Error(`${alertId} could not be resolved`);
        self.shown.get(card)!.set(alertId, shown);
      }
    return linesOf(next);
  };
  const self: Play = {
    now: new Date('2026-11-21T10:00:00Z'),
    routing: defaultRouting,
    clusters: ['a', 'b', 'c'],
    bare: new Set(),
    dark: new Set(),
    silences: [],
    targets: [{ key: 'T' }],
    failed: [],
    overdue: undefined,
    catalogue: '1',
    digest: undefined,
    state: emptyState,
    event: (kind, cluster, more = {}) => ({
      id: [`s${scans + 1}`, cluster, kind, more.rule ?? '', more.subject ?? ''].join('|'),
      kind,
      scanId: `s${scans + 1}`,
      at: self.now.toISOString(),
      subscriptionId: 'sub',
      clusterId: cluster,
      clusterName: cluster,
      resourceGroup: 'rg',
      tags: {},
      severity: 'high',
      title: `${kind} ${cluster}`,
      detail: '',
      ...(['new-failure', 'resolved', 'exemption-expired'].includes(kind) ? { rule: 'r', subject: 'cluster' } : {}),
      ...more,
    }),
    scan(events = [], seen = {}) {
      const scanId = `s${++scans}`;
      const sightings = new Map<string, Sighting>();
      for (const alert of self.state.alerts) {
        const verdict = seen[alert.event.clusterName];
        if (verdict) sightings.set(alert.id, { verdict, scanId, at: self.now.toISOString() });
      }
      return step({ events, sightings, scanId });
    },
    tend: () => step({ events: [], sightings: new Map(), scanId: '' }),
    later: (minutes) => void (self.now = new Date(self.now.getTime() + minutes * 60_000)),
    ack(by) {
      const ack: Acknowledgement = { by, at: self.now.toISOString() };
      self.state = { ...self.state, alerts: self.state.alerts.map((alert) => ({ ...alert, ack })) };
    },
    alert: (cluster) => self.state.alerts.find(({ event }) => event.clusterName === cluster),
    shown: new Map(),
    ...over,
  };
  return self;
}
