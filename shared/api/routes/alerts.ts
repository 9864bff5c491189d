// What is wrong at present, and who looks after it.
import { z } from 'zod';
import { alertStatuses } from '../../alerts/alert.ts';
import type { AlertView } from '../../alerts/alert-service.ts';
import { severities } from '../../model/verdict.ts';
import { notFound } from '../answers.ts';
import { pageOf, pageParameters } from '../paging.ts';
import { byProperty, choiceParameter, parseBody, route, textProperty } from '../route.ts';

const listed = alertStatuses.filter((status) => status !== 'resolved');

const filters = {
  status: choiceParameter(listed).optional(),
  severity: choiceParameter(severities).optional(),
  cluster: z.string().toLowerCase().optional(),
  rule: z.string().optional(),
  subscription: z.string().toLowerCase().optional(),
  acknowledged: choiceParameter(['true', 'false']).optional(),
};

type Filters = { readonly [K in keyof typeof filters]?: z.output<(typeof filters)[K]> | undefined };

export const alerts = route({
  name: 'alerts',
  method: 'GET',
  path: 'alerts',
  access: 'key',
  summary:
    'Pending and firing alerts, worst first; filtered and in pages. Whatever is wrong with the routing is said beside them.',
  query: z.object({ ...filters, ...pageParameters }),
  async handle(services, request, query) {
    const [all, routingProblems] = await Promise.all([services.alerts.alerts(), services.alerts.routingProblems()]);
    const found = all.filter((alert) => matches(alert, query));
    return { status: 200, body: { ...pageOf(found, toAlertItem, query, request), routingProblems } };
  },
});

function matches({ status, event, ack }: AlertView, query: Filters): boolean {
  return (
    (query.status === undefined || status === query.status) &&
    (query.severity === undefined || event.severity === query.severity) &&
    (query.cluster === undefined || [event.clusterId, event.clusterName.toLowerCase()].includes(query.cluster)) &&
    (query.rule === undefined || event.rule === query.rule) &&
    (query.subscription === undefined || event.subscriptionId === query.subscription) &&
    (query.acknowledged === undefined || String(ack !== undefined) === query.acknowledged)
  );
}

/** Where an alert is told, and on which cards, is nobody's business but the delivery's. */
function toAlertItem({ id, type, status, since, event, flapping, toldAt, ack, suppressedBy }: AlertView) {
  return {
    id,
    type,
    status,
    since,
    event,
    flapping,
    suppressedBy,
    ...(toldAt === undefined ? {} : { toldAt }),
    ...(ack === undefined ? {} : { acknowledgement: ack }),
  };
}

const action = z.object({ by: byProperty, comment: textProperty(500).optional() });

export const acknowledge = route({
  name: 'alert-acknowledge',
  method: 'POST',
  path: 'alerts/{id}/acknowledge',
  access: 'key',
  summary: 'Say that somebody looks after an alert: {by, comment?}. `by` is taken at the word of who holds the key.',
  query: z.object({}),
  async handle(services, request) {
    const id = request.params['id'] ?? '';
    const { by, comment } = parseBody(action, request);
    const outcome = await services.alerts.acknowledge(id, by, comment);
    if (outcome === 'unknown') throw notFound('alert', request);
    return { status: 200, body: { id, outcome } };
  },
});

export const unacknowledge = route({
  name: 'alert-unacknowledge',
  method: 'POST',
  path: 'alerts/{id}/unacknowledge',
  access: 'key',
  summary: 'Take an acknowledgement back: {by, comment?}. Its alert is told again like any other.',
  query: z.object({}),
  async handle(services, request) {
    const id = request.params['id'] ?? '';
    const { by } = parseBody(action, request);
    const outcome = await services.alerts.unacknowledge(id, by);
    if (outcome === 'unknown') throw notFound('alert', request);
    return { status: 200, body: { id, outcome: outcome === 'done' ? 'unacknowledged' : outcome } };
  },
});
