// An AlertService in memory, as small as its interface allows: what chat and HTTP ask in tests.
import { newExemptionProblems } from '../../shared/rules/exemptions/problems.ts';
import type { AlertService, AlertView, Silence } from '../../shared/alerts/alert-service.ts';
import { exemptsEverything, unconfirmed } from '../../shared/alerts/everything.ts';
import { rules } from '../../shared/rules/index.ts';
import { addExemption, endExemption, exemptionId, listExemptions } from '../../shared/store/exemptions.ts';
import { memoryTables } from './memory-tables.ts';

const ruleIds = rules.map((rule) => rule.id);

export interface MemoryAlerts {
  readonly now: () => Date;
  readonly alerts?: readonly AlertView[];
  readonly routingProblems?: readonly string[];
}

/** @returns a service whose exemptions are judged and kept as the real ones are */
export function memoryAlerts({ now, alerts: given = [], routingProblems = [] }: MemoryAlerts): AlertService {
  const table = memoryTables().Alerts;
  const alerts = new Map(given.map((alert) => [alert.id, alert]));
  const silences = new Map<string, Silence>();
  let made = 0;
  return {
    alerts: async () => [...alerts.values()],
    async *baseline() {},
    async acknowledge(id, by, comment) {
      const found = alerts.get(id);
      if (!found) return 'unknown';
      if (found.ack) return 'already';
      const ack = { by, at: now().toISOString(), ...(comment === undefined ? {} : { comment }) };
      alerts.set(id, { ...found, ack });
      return 'acknowledged';
    },
    async unacknowledge(id) {
      const found = alerts.get(id);
      if (!found) return 'unknown';
      const { ack, ...rest } = found;
      alerts.set(id, rest);
      return ack ? 'done' : 'not-acknowledged';
    },
    silences: async () => [...silences.values()],
    endedSilences: async () => [],
    async silence({ matchers, startsAt = now(), endsAt, comment }, createdBy) {
      if (matchers.length === 0) return { problems: ['There are no matchers.'] };
      const id = `silence-${++made}`;
      const times = { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
      const silence = { id, matchers, ...times, createdBy, comment };
      silences.set(id, silence);
      return silence;
    },
    unsilence: async (id) => (silences.delete(id) ? 'ended' : 'unknown'),
    exemptions: () => listExemptions(table),
    async exempt({ confirm, ...wanted }, createdBy) {
      const problems = newExemptionProblems(wanted, { from: now().getTime(), maxDays: 365, ruleIds });
      if (problems.length > 0) return { problems };
      if (!confirm && exemptsEverything(wanted)) return unconfirmed('exemption');
      const entry = { ...wanted, id: exemptionId(String(++made)), createdBy, createdAt: now().toISOString() };
      await addExemption(table, entry);
      return entry;
    },
    unexempt: (id, by) => endExemption(table, id, now(), by),
    failedDestinations: async () => [],
    routingProblems: async () => routingProblems,
  };
}
