// What the bot asks and does, done with the stores.
import type { AlertService } from '../alerts/alert-service.ts';
import type { Routing } from '../alerts/routing.ts';
import { namesIn } from '../alerts/routing.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Clock, Log, Tables } from '../ports.ts';
import { rules } from '../rules/index.ts';
import { readDrift, readHistory, readLatest } from '../store/results.ts';
import type { BotServices } from '../teams/bot-services.ts';
import { findDestination, revive, subscribe, tryAgain, unsubscribe } from '../telling/destinations.ts';
import { collect } from './collect.ts';
import type { Config } from './config.ts';

export interface BotParts {
  readonly config: Config;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  readonly fleet: () => Promise<Fleet | undefined>;
  /** One sentence when scans have stopped; undefined while they run. */
  readonly overdue: () => Promise<string | undefined>;
  readonly alerts: AlertService;
  readonly routing: () => Promise<Routing>;
  /** Tells a conversation that can be posted to again what it is owed. */
  readonly revived: () => Promise<void>;
}

export function createBotServices({
  config,
  tables,
  clock,
  log,
  fleet,
  overdue,
  alerts,
  routing,
  revived,
}: BotParts): BotServices {
  return {
    fleet,
    clusterResult: async (key) => (await readLatest(tables.Results, key))?.result,
    history: (key, limit) => collect(readHistory(tables.Results, key, { limit })),
    drift: (key, limit) => collect(readDrift(tables.Results, key, { limit })),
    rules,
    alerts,
    // Without tokens nobody can be told from anybody else; but then only this machine is answered.
    isOperator: (id) =>
      config.botAnonymous || config.operators.some((operator) => operator.toLowerCase() === id.toLowerCase()),
    async subscribe(address, by, name) {
      const wanted = { address, by, ...(name === undefined ? {} : { name }) };
      const outcome = await subscribe(tables.Chat, wanted, clock.now());
      if (outcome === 'subscribed') log.info('conversation subscribed', { by, kind: address.kind, name });
      return outcome;
    },
    subscription: (conversationId) => findDestination(tables.Chat, conversationId),
    revive: async (conversationId) => {
      if (await revive(tables.Chat, conversationId)) await revived();
    },
    installed: async () => {
      await tryAgain(tables.Chat);
      await revived();
    },
    routeNames: async () => namesIn(await routing()),
    async unsubscribe(conversationId, by = 'removal of the bot') {
      const outcome = await unsubscribe(tables.Chat, conversationId);
      if (outcome === 'unsubscribed') log.info('conversation unsubscribed', { by });
      return outcome;
    },
    overdue,
    zone: config.timezone,
    now: () => clock.now(),
  };
}
