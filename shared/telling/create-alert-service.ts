// What people ask of the alerts and do about them, answered from the stores.
import { addExemption, endExemption, exemptionId, findExemption, listExemptions } from '../store/exemptions.ts';
import type { Alert } from '../alerts/alert.ts';
import { combining } from './combine.ts';
import type { Change, DispatchContext } from './dispatch.ts';
import { act, tend } from './dispatch.ts';
import { newExemptionProblems } from '../rules/exemptions/problems.ts';
import { compareAlerts, isOpen } from '../alerts/alert.ts';
import { placeOf } from '../alerts/lifecycle.ts';
import { createMuting } from '../alerts/muting.ts';
import type { AlertService } from '../alerts/alert-service.ts';
import { everythingExempted, everythingSilenced, exemptsEverything, unconfirmed } from '../alerts/everything.ts';
import { listFailed } from './destinations.ts';
import { readBaseline } from './baseline.ts';
import {
  checkSilence,
  endSilence,
  findSilence,
  isOfEverything,
  keepSilence,
  listEndedSilences,
  listSilences,
} from './silences.ts';
import { readState } from './state-store.ts';
import { tagsIn } from './tags.ts';
import { tellEverybody } from './tell-everybody.ts';

export interface AlertServiceParts {
  readonly dispatch: DispatchContext;
  /** A few characters that never come twice. */
  readonly nonce: () => string;
  /** The longest time an exemption may run, in days. */
  readonly exemptionMaxDays: number;
  readonly ruleIds: readonly string[];
  readonly routingProblems: () => Promise<readonly string[]>;
}

const MAX_COMMENT_CHARS = 500;

export const createAlertService = (parts: AlertServiceParts): AlertService => ({
  ...alertsOf(parts),
  ...silencesOf(parts),
  ...exemptionsOf(parts),
  failedDestinations: () => listFailed(parts.dispatch.tables.Chat),
  routingProblems: parts.routingProblems,
});

function alertsOf({
  dispatch,
}: AlertServiceParts): Pick<AlertService, 'alerts' | 'baseline' | 'acknowledge' | 'unacknowledge'> {
  const { clock, log } = dispatch;
  const { Alerts, Results } = dispatch.tables;

  const read = async () => {
    const now = clock.now();
    const fleet = await dispatch.fleet();
    const [{ state }, silences, routing] = await Promise.all([
      readState(Alerts, { tagsOf: tagsIn(fleet), log }),
      listSilences(Alerts, now),
      dispatch.routing(),
    ]);
    const whyMuted = createMuting(state.alerts, { silences, routing, fleet, now });
    const view = (alert: Alert) => ({ ...alert, suppressedBy: whyMuted(alert) });
    return { known: state.alerts, fleet, view };
  };

  /** Of twenty thousand clusters, about five have the place that an id names. */
  const findBaseline = async (id: string): Promise<Alert | undefined> => {
    const { known, fleet } = await read();
    if (!fleet) return undefined;
    const there = fleet.clusters.filter((one) => id.startsWith(placeOf({ ...one, clusterId: one.id })));
    for await (const alert of readBaseline(Results, { at: fleet.at, clusters: there }, known))
      if (alert.id === id) return alert;
    return undefined;
  };
  // Fifty people may press a button at once.
  const actTogether = combining((changes: readonly Change[]) => act(dispatch, changes));

  /**
   * @param make without an answer, the alert is remembered no longer
   * @param add takes the place of an open alert of that id when there is none
   * @returns the open alert as it was before the change; undefined when there is none of that id
   */
  const change = async (id: string, make: (alert: Alert) => Alert | undefined, add?: Alert) => {
    const wanted = id.toLowerCase();
    let before: Alert | undefined;
    await actTogether((alerts) => {
      const found = alerts.find((alert) => alert.id === wanted && isOpen(alert));
      before = found ?? add;
      if (!before) return alerts;
      const after = make(before);
      if (found) return alerts.flatMap((alert) => (alert === found ? (after ?? []) : alert));
      return [...alerts.filter((alert) => alert.id !== wanted), ...(after ? [after] : [])];
    });
    return before;
  };

  return {
    async alerts() {
      const { known, view } = await read();
      return known.filter(isOpen).toSorted(compareAlerts).map(view);
    },
    async *baseline(isMeant = () => true) {
      const { known, fleet, view } = await read();
      if (!fleet) return;
      const meant = { at: fleet.at, clusters: fleet.clusters.filter(isMeant) };
      for await (const alert of readBaseline(Results, meant, known)) yield view(alert);
    },
    async acknowledge(id, by, comment = '') {
      const said = comment.trim().slice(0, MAX_COMMENT_CHARS);
      const ack = { by, at: clock.now().toISOString(), ...(said === '' ? {} : { comment: said }) };
      const take = (alert: Alert): Alert => (alert.ack ? alert : { ...alert, ack });
      const first = await change(id, take);
      const baseline = first ? undefined : await findBaseline(id.toLowerCase());
      const before = first ?? (baseline && (await change(id, take, baseline)));
      if (!before) return 'unknown';
      if (before.ack) return 'already';
      log.info('alert acknowledged', { alert: id, by, cluster: before.event.clusterId });
      return 'acknowledged';
    },
    async unacknowledge(id, by) {
      const before = await change(id, ({ ack: _ack, ...alert }) => (alert.baseline ? undefined : alert));
      if (!before) return 'unknown';
      if (!before.ack) return 'not-acknowledged';
      log.info('acknowledgement taken back', { alert: id, by, cluster: before.event.clusterId });
      return 'done';
    },
  };
}

function silencesOf({
  dispatch,
  nonce,
}: AlertServiceParts): Pick<AlertService, 'silences' | 'endedSilences' | 'silence' | 'unsilence'> {
  const { clock, log } = dispatch;
  const table = dispatch.tables.Alerts;
  return {
    silences: () => listSilences(table, clock.now()),
    endedSilences: () => listEndedSilences(table, clock.now()),
    async silence(wanted, by, once) {
      const silence = checkSilence(wanted, by, clock.now(), exemptionId(once ?? nonce()));
      if ('problems' in silence) return silence;
      const first = once === undefined ? undefined : await findSilence(table, silence.id);
      if (first) return { ...first, again: true };
      // Told first: dying in between, everybody was warned of what did not happen, and never the other way round.
      if (isOfEverything(silence)) await tellEverybody(dispatch, everythingSilenced(silence));
      const kept = await keepSilence(table, silence);
      if (kept.again) return kept;
      log.info('silence made', { silence: silence.id, by, matchers: silence.matchers, endsAt: silence.endsAt });
      await tend(dispatch);
      return kept;
    },
    async unsilence(id, by) {
      const outcome = await endSilence(table, id.toLowerCase(), clock.now(), by);
      if (outcome === 'unknown') return outcome;
      log.info('silence ended', { silence: id, by });
      await tend(dispatch);
      return outcome;
    },
  };
}

function exemptionsOf(parts: AlertServiceParts): Pick<AlertService, 'exemptions' | 'exempt' | 'unexempt'> {
  const { clock, log } = parts.dispatch;
  const table = parts.dispatch.tables.Alerts;
  return {
    exemptions: () => listExemptions(table),
    async exempt({ confirm, ...wanted }, by, once) {
      const now = clock.now();
      const { exemptionMaxDays: maxDays, ruleIds } = parts;
      const problems = newExemptionProblems(wanted, { from: now.getTime(), maxDays, ruleIds });
      if (problems.length > 0) return { problems };
      const isEverything = exemptsEverything(wanted);
      if (isEverything && !confirm) return unconfirmed('exemption');
      const id = exemptionId(once ?? parts.nonce());
      const first = once === undefined ? undefined : await findExemption(table, id);
      if (first) return { ...first, again: true };
      const entry = { ...wanted, id, createdBy: by, createdAt: now.toISOString() };
      if (isEverything) await tellEverybody(parts.dispatch, everythingExempted(entry));
      if ((await addExemption(table, entry)) === 'exists')
        return { ...((await findExemption(table, id)) ?? entry), again: true };
      log.info('exemption made', { exemption: entry.id, by, rule: entry.rule, cluster: entry.cluster });
      return entry;
    },
    async unexempt(id, by) {
      const outcome = await endExemption(table, id.toLowerCase(), clock.now(), by);
      if (outcome === 'ended') log.info('exemption ended', { exemption: id, by });
      return outcome;
    },
  };
}
