// Alerts and the cards that tell them, for tests of what shows them.
import type { Alert, AlertEvent, Shown } from '../../shared/alerts/alert.ts';
import type { AlertsCard, CardItem, DigestCard, StormCard } from '../../shared/alerts/card.ts';
import type { AlertView } from '../../shared/alerts/alert-service.ts';
import { fleetCluster, fleetOf } from './fleet.ts';

const shop = fleetCluster('shop');

export const alertEvent = (more: Partial<AlertEvent> = {}): AlertEvent => ({
  id: 'e',
  kind: 'new-failure',
  scanId: '20261121T1000Z',
  at: '2026-11-21T10:00:00.000Z',
  subscriptionId: shop.subscriptionId,
  clusterId: shop.id,
  clusterName: shop.name,
  resourceGroup: shop.resourceGroup,
  tags: {},
  rule: 'no-allow-all',
  subject: 'policy/web/open[NetworkPolicy]',
  severity: 'high',
  title: 'web/open[NetworkPolicy] in shop admits everyone on every port',
  topic: 'web/open[NetworkPolicy] in shop admits everyone on every port',
  detail: 'The policy admits everyone.',
  remediation: 'kubectl -n web delete networkpolicy open',
  ...more,
});

/** What happens to a cluster and not to a rule of it. */
export const clusterEvent = (more: Partial<AlertEvent> = {}): AlertEvent => {
  const { rule: _rule, subject: _subject, topic: _topic, remediation: _remediation, ...rest } = alertEvent();
  return { ...rest, kind: 'visibility-lost', title: 'Bulkhead can no longer look at shop', ...more };
};

export const cardItem = (shown: Shown, more: Partial<CardItem> = {}): CardItem => ({
  alertId: 'a1b2c3d4e5',
  event: alertEvent(),
  shown,
  at: '2026-11-18T10:00:00.000Z',
  ...more,
});

const base = { id: 'c', destination: 'd', scanId: '20261121T1000Z', at: '2026-11-21T10:00:05.000Z' };

export const alertsCardOf = (items: readonly CardItem[], more: Partial<AlertsCard> = {}): AlertsCard => ({
  ...base,
  kind: 'alerts',
  items,
  more: 0,
  ...more,
});

export const stormCardOf = (items: readonly CardItem[], more: Partial<StormCard> = {}): StormCard => ({
  ...base,
  kind: 'storm',
  why: '37 of 120 clusters changed',
  clusters: 37,
  byKind: [
    { kind: 'new-failure', rule: 'no-allow-all', clusters: 30 },
    { kind: 'engine-changed', clusters: 7 },
  ],
  items,
  more: 90,
  ...more,
});

const summaryOf = (failing: number, passing: number) =>
  fleetOf([
    ...Array.from({ length: failing }, (_, i) => fleetCluster(`f${i}`, { verdict: 'fail' })),
    ...Array.from({ length: passing }, (_, i) => fleetCluster(`p${i}`)),
  ]).summary;

export const digestCardOf = (unacknowledged: readonly CardItem[], more: Partial<DigestCard> = {}): DigestCard => ({
  ...base,
  kind: 'digest',
  period: 'week',
  summary: summaryOf(3, 16),
  trend: [
    { at: '2026-11-20T23:30:00.000Z', summary: summaryOf(1, 18) },
    { at: '2026-11-21T09:30:00.000Z', summary: summaryOf(3, 16) },
  ],
  unacknowledged,
  more: 0,
  changes: [
    { kind: 'new-failure', count: 12 },
    { kind: 'resolved', count: 1 },
  ],
  silences: 2,
  ...more,
});

export const alertView = (more: Partial<Alert> & Partial<AlertView> = {}): AlertView => ({
  id: 'a1b2c3d4e5',
  type: 'state',
  status: 'firing',
  event: alertEvent(),
  since: '2026-11-21T07:10:00.000Z',
  seen: 0,
  scanId: '20261121T1000Z',
  turns: [],
  flapping: false,
  owed: [],
  told: {},
  suppressedBy: [],
  ...more,
});
