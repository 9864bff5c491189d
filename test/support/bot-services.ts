// What the bot asks for, with quiet answers; a test says what is otherwise.
import type { AlertService } from '../../shared/alerts/service.ts';
import type { BotServices } from '../../shared/teams/services.ts';

export const quietAlerts: AlertService = {
  alerts: async () => [],
  acknowledge: async () => 'unknown',
  unacknowledge: async () => 'unknown',
  silences: async () => [],
  silence: async () => ({ problems: [] }),
  unsilence: async () => 'unknown',
  exemptions: async () => [],
  exempt: async () => ({ problems: [] }),
  unexempt: async () => 'unknown',
  routingProblems: async () => [],
};

export const botServices = (more: Partial<BotServices> = {}): BotServices => ({
  fleet: async () => undefined,
  clusterResult: async () => undefined,
  history: async () => [],
  drift: async () => [],
  rules: [],
  alerts: quietAlerts,
  isOperator: () => false,
  subscribe: async () => 'subscribed',
  unsubscribe: async () => 'unsubscribed',
  overdue: async () => undefined,
  now: () => new Date('2026-11-21T10:10:00Z'),
  ...more,
});
