// What is wrong at present, and who takes care of it.
import { z } from 'zod';
import { alertStatuses } from '../../alerts/alert.ts';
import type { AlertService, AlertView } from '../../alerts/alert-service.ts';
import { clip } from '../../model/clip.ts';
import type { FleetCluster } from '../../model/fleet.ts';
import { severities } from '../../model/verdict.ts';
import { notFound } from '../answers.ts';
import { choiceField, textField } from '../fields.ts';
import { MOST_BESIDE, countField, pageOf, pageParameters, pageSchema } from '../paging.ts';
import { route } from '../route.ts';
import { alertEvent } from '../shapes/event.ts';
import { moment } from '../shapes/fleet.ts';

const MOST_PROBLEM_CHARS = 500;
const listed = alertStatuses.filter((status) => status !== 'resolved');

const filters = {
  status: choiceField(listed).optional(),
  severity: choiceField(severities).optional(),
  cluster: z.string().toLowerCase().optional(),
  rule: z.string().optional(),
  subscription: z.string().toLowerCase().optional(),
  acknowledged: choiceField(['true', 'false']).optional(),
  baseline: choiceField(['true', 'false']).optional(),
};

type Filters = { readonly [K in keyof typeof filters]?: z.output<(typeof filters)[K]> | undefined };

const item = z.strictObject({
  id: z.string(),
  type: z.enum(['state', 'change']),
  status: z.enum(alertStatuses),
  /** It failed before anybody could be told, and was posted nowhere. */
  baseline: z.boolean(),
  /** Since when it has had its status; of a baseline failure, when it was last looked at. */
  since: moment,
  event: alertEvent,
  flapping: z.boolean(),
  /** Why it is not told at present. */
  suppressedBy: z.array(z.string()),
  toldAt: moment.exactOptional(),
  acknowledgement: z.strictObject({ by: z.string(), at: moment, comment: z.string().exactOptional() }).exactOptional(),
});

export const alerts = route({
  name: 'alerts',
  method: 'GET',
  path: 'alerts',
  access: 'read',
  summary:
    'Pending and firing alerts, worst first, and after them by cluster the baseline: what failed before anybody could be told. Filtered and in pages; beside them, what is wrong with the routing.',
  query: z.object({ ...filters, ...pageParameters }),
  responses: {
    200: pageSchema(item).extend({
      routingProblems: z.array(z.string()).max(MOST_BESIDE),
      routingProblemsCount: countField,
    }),
  },
  async handle(services, asked) {
    const page = await pageOf(everyAlert(services.alerts, asked.query), toAlertItem, asked);
    const problems = await services.alerts.routingProblems();
    const routingProblems = problems.slice(0, MOST_BESIDE).map((problem) => clip(problem, MOST_PROBLEM_CHARS));
    return { status: 200, body: { ...page, routingProblems, routingProblemsCount: problems.length } };
  },
});

async function* everyAlert(alerts: AlertService, query: Filters): AsyncGenerator<AlertView> {
  for (const alert of await alerts.alerts()) if (matches(alert, query)) yield alert;
  if (query.baseline === 'false') return;
  const isMeant = ({ id, name, subscriptionId }: FleetCluster): boolean => isOf(id, name, subscriptionId, query);
  for await (const alert of alerts.baseline(isMeant)) if (matches(alert, query)) yield alert;
}

const isOf = (clusterId: string, name: string, subscriptionId: string, query: Filters): boolean =>
  (query.cluster === undefined || [clusterId, name.toLowerCase()].includes(query.cluster)) &&
  (query.subscription === undefined || subscriptionId === query.subscription);

const matches = ({ status, event, ack, baseline }: AlertView, query: Filters): boolean =>
  isOf(event.clusterId, event.clusterName, event.subscriptionId, query) &&
  (query.status === undefined || status === query.status) &&
  (query.severity === undefined || event.severity === query.severity) &&
  (query.rule === undefined || event.rule === query.rule) &&
  (query.acknowledged === undefined || String(ack !== undefined) === query.acknowledged) &&
  (query.baseline === undefined || String(baseline ?? false) === query.baseline);

/** Leaves out where the alert is told and on which cards: that concerns the delivery alone. */
function toAlertItem({ id, type, status, baseline, since, event, flapping, toldAt, ack, suppressedBy }: AlertView) {
  return {
    id,
    type,
    status,
    baseline: baseline ?? false,
    since,
    event,
    flapping,
    suppressedBy,
    ...(toldAt === undefined ? {} : { toldAt }),
    ...(ack === undefined ? {} : { acknowledgement: ack }),
  };
}

export const acknowledge = route({
  name: 'alert-acknowledge',
  method: 'POST',
  path: 'alerts/{id}/acknowledge',
  access: 'operate',
  summary: 'Say that somebody takes care of an alert: it is not told again until it changes.',
  body: z.object({ comment: textField(500).optional() }),
  responses: { 200: z.strictObject({ id: z.string(), outcome: z.enum(['acknowledged', 'already']) }) },
  async handle(services, { id, by, body: { comment } }) {
    const outcome = await services.alerts.acknowledge(id, by, comment);
    if (outcome === 'unknown') throw notFound('alert', id);
    return { status: 200, body: { id, outcome } };
  },
});

export const unacknowledge = route({
  name: 'alert-unacknowledge',
  method: 'POST',
  path: 'alerts/{id}/unacknowledge',
  access: 'operate',
  summary: 'Take an acknowledgement back: its alert is told again like any other.',
  responses: { 200: z.strictObject({ id: z.string(), outcome: z.enum(['unacknowledged', 'not-acknowledged']) }) },
  async handle(services, { id, by }) {
    const outcome = await services.alerts.unacknowledge(id, by);
    if (outcome === 'unknown') throw notFound('alert', id);
    return { status: 200, body: { id, outcome: outcome === 'done' ? ('unacknowledged' as const) : outcome } };
  },
});
