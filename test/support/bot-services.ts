// What the bot asks for, with quiet answers; a test says what is otherwise.
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import { answer } from '../../shared/teams/commands/index.ts';
import type { ConversationAddress } from '../../shared/ports.ts';
import type { BotServices } from '../../shared/teams/bot-services.ts';
import { readCard } from './card-schema.ts';
import { fleetCluster, fleetOf } from './fleet.ts';

export const quietAlerts: AlertService = {
  alerts: async () => [],
  async *baseline() {},
  acknowledge: async () => 'unknown',
  unacknowledge: async () => 'unknown',
  silences: async () => [],
  endedSilences: async () => [],
  silence: async () => ({ problems: [] }),
  unsilence: async () => 'unknown',
  exemptions: async () => [],
  exempt: async () => ({ problems: [] }),
  unexempt: async () => 'unknown',
  failedDestinations: async () => [],
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
  subscription: async () => undefined,
  revive: async () => undefined,
  installed: async () => undefined,
  routeNames: async () => new Set(['*', 'platform']),
  unsubscribe: async () => 'unsubscribed',
  overdue: async () => undefined,
  zone: 'UTC',
  now: () => new Date('2026-11-21T10:10:00Z'),
  ...more,
});

/** The one operator of these tests. */
export const robin = { id: 'robin-id', name: 'Robin' };
export const shop = fleetCluster('shop', { verdict: 'fail', failing: ['no-allow-all', 'engine-enabled'] });
export const pays = ['a', 'b'].map((resourceGroup) => fleetCluster('pay', { resourceGroup }));

/** A bot that knows three clusters and one operator. */
export const busyServices = (more: Partial<BotServices> = {}, alerts: Partial<AlertService> = {}): BotServices =>
  botServices({
    fleet: async () => fleetOf([shop, ...pays]),
    rules: [
      {
        id: 'no-allow-all',
        title: 'No allow-all',
        failing: 'admits everyone on every port',
        rationale: 'It opens all.',
        references: ['https://example.com/rule'],
      },
      {
        id: 'no-pod-ip',
        title: 'No pod IP',
        failing: 'names pods by their addresses',
        rationale: 'Pods move.',
        references: [],
      },
    ],
    isOperator: (id) => id === robin.id,
    alerts: { ...quietAlerts, ...alerts },
    ...more,
  });

/** What somebody who types a message sees. */
export async function say(
  message: string,
  services = busyServices(),
  from = robin,
  zone = 'UTC',
  kind: ConversationAddress['kind'] = 'personal',
) {
  const address = { conversationId: 'here', serviceUrl: 'https://s', tenantId: 't', kind, reference: '{}' } as const;
  const { summary, card } = await answer(message, services, { address, from, zone });
  const { texts, buttons } = readCard(card);
  return { summary, texts, buttons, all: texts.join('\n') };
}
