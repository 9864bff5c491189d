// The composition root: the real ports from config, and the verbs that the doors call. Nobody else builds an adapter.
import type { AlertService } from '../alerts/alert-service.ts';
import type { ApiServices } from '../api/api-services.ts';
import type { Access } from '../api/caller.ts';
import { createCredential } from '../estate/credential.ts';
import { createLog } from '../log.ts';
import { clouds } from '../model/cloud.ts';
import type { Log, Tables } from '../ports.ts';
import { catalogue, rules } from '../rules/index.ts';
import type { ScanContext } from '../scan/context.ts';
import { startOverdue, superviseCurrent } from '../scan/supervise.ts';
import { cachedFleet } from '../store/fleet-snapshots.ts';
import type { BotServices } from '../teams/bot-services.ts';
import type { Bot } from '../teams/bot.ts';
import { alertCard } from '../teams/cards/alert.ts';
import { createAlertService } from '../telling/create-alert-service.ts';
import { deliver } from '../telling/deliver.ts';
import type { DispatchContext } from '../telling/dispatch.ts';
import { tend } from '../telling/dispatch.ts';
import { tellAnew } from '../telling/tell-anew.ts';
import { overdueSentence } from '../telling/overdue.ts';
import type { Config } from './config.ts';
import { readConfig } from './config.ts';
import { createApiServices } from './create-api-services.ts';
import { createBotServices } from './create-bot-services.ts';
import { createScanContext } from './create-scan-context.ts';
import { createStorage } from './create-storage.ts';
import { invocationFields, writeLine } from './invocation-log.ts';
import { createBotLoader } from './load-bot.ts';
import type { Overrides } from './overrides.ts';
import { settings } from './settings.ts';
import { createRoutingReader } from './read-routing.ts';
import { allOf, atMostEvery } from './wake.ts';

export interface App {
  readonly config: Config;
  readonly log: Log;
  readonly scan: ScanContext;
  readonly api: ApiServices;
  /** Who may ask the HTTP API. */
  readonly access: Access;
  /** Answers of the HTTP API that are not what their routes declare become errors. */
  readonly checkAnswers: boolean;
  readonly tables: Tables;
  /** The bot, loaded on first use; undefined when it is off. */
  bot(): Promise<Bot | undefined>;
  readonly alerts: AlertService;
  /** What the commands of the bot ask for. */
  readonly botServices: BotServices;
  /** Sends what is due to Teams. */
  deliver(): Promise<void>;
  /** Looks after everything that somebody else should have done: the scan, the alerts, the next scan, the deliveries. */
  wake(): Promise<void>;
  /** Wakes in the background of a request, at most twice a minute; never throws. */
  nudge(): void;
}

/** Requests may come every second; they wake Bulkhead at most this often. */
const NUDGE_EVERY_MS = 30_000;

/** @param config from readConfig */
export function createApp(config: Config, overrides: Overrides = {}): App {
  const clock = overrides.clock ?? { now: () => new Date() };
  const log = overrides.log ?? createLog(clock, writeLine, invocationFields);
  const credential = overrides.credential ?? createCredential(config.clientId, clouds[config.cloud].authorityHost);
  const { tables, queue, storeTime } = createStorage(config, credential, overrides, { clock, log });
  const fleet = cachedFleet(tables.Fleet);
  const overdue = async (): Promise<string | undefined> =>
    overdueSentence(await fleet(), config.periodMinutes, clock.now());
  const readRouting = createRoutingReader({ text: config.routing, file: config.routingFile }, log);
  const dispatching: DispatchContext = {
    tables,
    queue,
    clock,
    log,
    routing: async () => (await readRouting()).routing,
    fleet,
    overdue,
    catalogue: (overrides.catalogue ?? catalogue).version,
  };
  const scan = createScanContext(config, { clock, log, credential, tables, queue, storeTime, dispatching }, overrides);
  const alerts = createAlertService({
    dispatch: dispatching,
    nonce: scan.nonce,
    exemptionMaxDays: config.exemptionMaxDays,
    ruleIds: rules.map(({ id }) => id),
    routingProblems: async () => (await readRouting()).problems,
  });
  const revived = async (): Promise<void> => {
    await tend(dispatching);
    await queue.send('deliver', {});
  };
  const { routing } = dispatching;
  const botServices = createBotServices({ config, tables, clock, log, fleet, overdue, alerts, routing, revived });
  const bot = createBotLoader(config, botServices, log);
  const deliverDue = async (): Promise<void> => {
    const send = overrides.chat ?? (await bot())?.chat;
    if (!send) return;
    const turned = await deliver({
      alerts: tables.Alerts,
      chat: tables.Chat,
      results: tables.Results,
      send,
      render: (card) => alertCard(card, clock.now()),
      queue,
      clock,
      log,
      random: overrides.random ?? Math.random,
      tellAnew: (card, destination) => tellAnew(dispatching, card, destination),
    });
    if (turned > 0) await tend(dispatching);
  };
  const wake = (): Promise<void> =>
    allOf([() => superviseCurrent(scan), () => tend(dispatching), () => startOverdue(scan), deliverDue]);
  return {
    config,
    log,
    scan,
    tables,
    alerts,
    botServices,
    api: createApiServices({ config, scan, fleet, alerts }),
    access: {
      platformAuth: config.platformAuth,
      tenantId: config.apiTenantId ?? config.tenantId,
      operatorKey: config.operatorKey,
    },
    checkAnswers: overrides.checkAnswers ?? false,
    bot,
    deliver: deliverDue,
    wake,
    nudge: atMostEvery(NUDGE_EVERY_MS, clock, () => {
      wake().catch((error: unknown) => log.error('wake-up failed', { error }));
    }),
  };
}

let current: App | undefined;

/** @returns the app of this process, built from its environment on first use @throws ConfigError */
export function getApp(): App {
  current ??= createApp(readConfig(process.env));
  return current;
}

/** @returns whether the platform authenticates callers: functions are registered before any of them needs the app */
export const hasPlatformAuth = (): boolean =>
  current ? current.config.platformAuth : settings.platformAuth.schema.parse(process.env[settings.platformAuth.name]);

/** Puts another app in place before any function is loaded: local runs and tests. */
export function useApp(app: App): void {
  current = app;
}
