// What is told is what the results say at the moment of telling: an alert may have waited for hours, muted or through a night.
import type { Advanced } from '../alerts/advance.ts';
import type { Alert, AlertEvent } from '../alerts/alert.ts';
import { alertId } from '../alerts/lifecycle.ts';
import type { AlertsState } from '../alerts/model.ts';
import { eventsOfFailures } from '../drift/compare.ts';
import { clusterKey } from '../model/keys.ts';
import type { Table } from '../ports.ts';
import type { StoredResult } from '../store/results.ts';
import { readLatest } from '../store/results.ts';
import { ifReadable } from './if-readable.ts';
import { bounded } from '../alerts/bounds.ts';

const PARALLEL_READS = 16;

export interface Renewed {
  readonly state: AlertsState;
  /** Ids of the alerts whose finding no longer fails: they are not told. */
  readonly over: ReadonlySet<string>;
}

/**
 * @param state before the step
 * @param step what the step would tell
 * @param news ids of the events that the step took up: they say what is so
 * @returns the state with what results say now of that which would be told; undefined when it says so already
 */
export async function renew(
  results: Table,
  state: AlertsState,
  step: Advanced,
  news: ReadonlySet<string>,
  now: Date,
): Promise<Renewed | undefined> {
  const at = now.toISOString();
  const told = step.state.alerts.filter(
    ({ type, toldAt, event }) => type === 'state' && toldAt === at && event.rule !== undefined && !news.has(event.id),
  );
  const latest = await readFailures(results, told);
  const fresh = new Map(
    told.flatMap(({ id, event }) => (latest.has(event.clusterId) ? [[id, latest.get(event.clusterId)!.get(id)]] : [])),
  );
  const over = new Set([...fresh].filter(([, event]) => event === undefined).map(([id]) => id));
  const alerts = fresh.size === 0 ? state.alerts : state.alerts.map((alert) => asNow(alert, fresh.get(alert.id)));
  const isSame = over.size === 0 && alerts.every((alert, index) => alert === state.alerts[index]);
  return isSame ? undefined : { state: { ...state, alerts }, over };
}

/** @returns by cluster that has a result, what fails there now by the ids of alerts */
async function readFailures(results: Table, told: readonly Alert[]) {
  const clusters = [...new Set(told.map(({ event }) => event.clusterId))];
  const found = new Map<string, ReadonlyMap<string, AlertEvent>>();
  for (let from = 0; from < clusters.length; from += PARALLEL_READS)
    await Promise.all(
      clusters.slice(from, from + PARALLEL_READS).map(async (cluster) => {
        const stored = await ifReadable(readLatest(results, clusterKey(cluster)));
        if (!stored) return;
        const events = failuresOf(stored);
        found.set(cluster, new Map(events.map((event) => [alertId(event), event])));
      }),
    );
  return found;
}

/** @returns what fails by a result, each as the event that would tell it now */
export const failuresOf = ({ result, scanId, at }: StoredResult): readonly AlertEvent[] =>
  eventsOfFailures(result, { scanId, at: at.toISOString() }).map(bounded);

function asNow(alert: Alert, now: AlertEvent | undefined): Alert {
  const event = now ? withWords(alert.event, now) : alert.event;
  return event === alert.event ? alert : { ...alert, event };
}

/** @returns the event in the words of a newer one about the same; the same event where it says so already */
export function withWords(event: AlertEvent, now: AlertEvent): AlertEvent {
  const { severity, title, topic, detail, remediation } = now;
  if (severity === event.severity && detail === event.detail) return event;
  const { remediation: _remediation, topic: _topic, ...rest } = event;
  return {
    ...rest,
    severity,
    title,
    detail,
    ...(topic === undefined ? {} : { topic }),
    ...(remediation === undefined ? {} : { remediation }),
  };
}
