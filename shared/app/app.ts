// The composition root: the real ports from config, and the verbs that the doors call. Nobody else builds an adapter.
import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Chat, Clock, ClusterReader, Estate, Log, Queue, Tables } from '../ports.ts';
import type { ApiServices } from '../api/api-services.ts';
import { deliver } from '../telling/deliver.ts';
import { createAlertService } from '../telling/create-alert-service.ts';
import type { DispatchContext } from '../telling/dispatch.ts';
import { dispatch, tend } from '../telling/dispatch.ts';
import { overdueSentence } from '../telling/overdue.ts';
import { purgeSilences } from '../telling/silences.ts';
import { purgeCards } from '../telling/card-store.ts';
import { createRoutingReader } from './read-routing.ts';
import type { AlertService } from '../alerts/alert-service.ts';
import { createApiServices } from './create-api-services.ts';
import { createBotServices } from './create-bot-services.ts';
import type { Config } from './config.ts';
import { readConfig } from './config.ts';
import { createAzureEstate } from '../estate/azure-estate.ts';
import { createCredential } from '../estate/credential.ts';
import { createKubernetesReader } from '../estate/kubernetes/reader.ts';
import { defaultLimits } from '../estate/retry.ts';
import { createLog } from '../log.ts';
import type { Scan } from '../model/scan.ts';
import { catalogueVersion, rules } from '../rules/index.ts';
import { collectOutbox } from '../scan/outbox.ts';
import type { ScanContext } from '../scan/context.ts';
import { startOverdue, superviseCurrent } from '../scan/supervise.ts';
import { createQueue } from '../store/azure-queue.ts';
import type { StorageTarget } from '../store/azure-tables.ts';
import { createTables } from '../store/azure-tables.ts';
import { cachedExemptions } from '../store/exemptions.ts';
import { cachedFleet } from '../store/fleet-snapshots.ts';
import type { Bot } from '../teams/bot.ts';
import { alertCard } from '../teams/cards/alert.ts';
import type { BotServices } from '../teams/bot-services.ts';

export interface App {
  readonly config: Config;
  readonly log: Log;
  readonly scan: ScanContext;
  readonly api: ApiServices;
  /** See ServeContext. */
  readonly checkAnswers: boolean;
  readonly tables: Tables;
  /** The bot, loaded on first use; undefined when it is off. */
  bot(): Promise<Bot | undefined>;
  readonly alerts: AlertService;
  /** Sends what is due to Teams. */
  deliver(): Promise<void>;
  /** Looks after everything that somebody else should have done: the scan, the alerts, the next scan, the deliveries. */
  wake(): Promise<void>;
  /** Wakes beside what a request asked for, at most twice a minute; never throws. */
  nudge(): void;
}

/** What a local run or a test puts in the place of the real thing. */
export interface Overrides {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly credential?: TokenCredential;
  readonly httpClient?: HttpClient;
  readonly reader?: ClusterReader;
  readonly estate?: Estate;
  readonly tables?: Tables;
  readonly queue?: Queue;
  readonly chat?: Chat;
  /** Gives numbers from 0 to below 1. */
  readonly random?: () => number;
  /** Gives a few characters, never the same twice. */
  readonly nonce?: () => string;
  readonly onStorageCall?: (operation: string) => void;
  /** Answers of the HTTP API that are not what their routes declare become errors. */
  readonly checkAnswers?: boolean;
}

/** @param config from readConfig */
export function createApp(config: Config, overrides: Overrides = {}): App {
  const clock = overrides.clock ?? { now: () => new Date() };
  const log = overrides.log ?? createLog(clock, (_level, line) => process.stdout.write(`${line}\n`));
  const credential = overrides.credential ?? createCredential(config.clientId);
  const target = storageTarget(config, credential);
  const onCall = overrides.onStorageCall ? { onCall: overrides.onStorageCall } : {};
  const tables = overrides.tables ?? createTables({ target, prefix: config.tablePrefix, timeoutMs: 30_000, ...onCall });
  const queue = overrides.queue ?? createQueue({ target, timeoutMs: 30_000, ...onCall });
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
    catalogue: catalogueVersion,
  };
  const scan = createScanContext(config, { clock, log, credential, tables, queue, dispatching }, overrides);
  const alerts = createAlertService({
    dispatch: dispatching,
    nonce: scan.nonce,
    exemptionMaxDays: config.exemptionMaxDays,
    ruleIds: rules.map(({ id }) => id),
    routingProblems: async () => (await readRouting()).problems,
  });

  const services = createBotServices({ config, tables, clock, fleet, overdue, alerts });
  const bot = createBotOnce(config, services, log);
  let nudgedAt = Number.NEGATIVE_INFINITY;
  const app: App = {
    config,
    log,
    scan,
    tables,
    alerts,
    api: createApiServices({ config, scan, fleet, alerts }),
    checkAnswers: overrides.checkAnswers ?? false,
    bot,
    deliver: async () => {
      const send = overrides.chat ?? (await chatOf(bot));
      if (!send) return;
      const failed = await deliver({
        alerts: tables.Alerts,
        chat: tables.Chat,
        send,
        render: (card) => alertCard(card, clock.now()),
        queue,
        clock,
        log,
        random: overrides.random ?? Math.random,
      });
      if (failed > 0) await tend(dispatching);
    },
    wake: () =>
      allOf([() => superviseCurrent(scan), () => tend(dispatching), () => startOverdue(scan), () => app.deliver()]),
    nudge: () => {
      const now = clock.now().getTime();
      if (now - nudgedAt < NUDGE_EVERY_MS) return;
      nudgedAt = now;
      app.wake().catch((error: unknown) => log.error('wake-up failed', { error }));
    },
  };
  return app;
}

/** Requests may come every second; they are a reason to look after things at most this often. */
const NUDGE_EVERY_MS = 30_000;

/** Runs every step although one before it failed. @throws the first failure */
async function allOf(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function storageTarget(config: Config, credential: TokenCredential): StorageTarget {
  if (config.storageConnection) return { connectionString: config.storageConnection };
  const host = (service: string): string => `https://${config.storageAccount}.${service}.core.windows.net`;
  return {
    tableEndpoint: config.storageTables ?? host('table'),
    queueEndpoint: config.storageQueues ?? host('queue'),
    credential,
  };
}

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly credential: TokenCredential;
  readonly tables: Tables;
  readonly queue: Queue;
  readonly dispatching: DispatchContext;
}

function createScanContext(config: Config, parts: Parts, overrides: Overrides): ScanContext {
  const { clock, log, tables, queue, dispatching } = parts;
  const arm = {
    credential: parts.credential,
    endpoint: config.armEndpoint.replace(/\/$/, ''),
    ...(overrides.httpClient ? { httpClient: overrides.httpClient } : {}),
  };
  const limits = { ...defaultLimits, timeoutMs: config.armTimeoutSeconds * 1000 };
  const reader = (): ClusterReader =>
    createKubernetesReader({
      ...arm,
      allowLocalAccounts: config.localAccounts,
      runCommand: config.runCommand,
      armLimits: limits,
      log,
      clock,
    });
  const estate = (): Estate =>
    createAzureEstate({
      ...arm,
      tenantId: config.tenantId,
      allow: config.subscriptionsAllow,
      deny: config.subscriptionsDeny,
      managementGroups: config.managementGroups,
      managedNamespaces: config.managedNamespaces,
      limits,
      log,
    });
  return {
    clock,
    log,
    estate: overrides.estate ?? estate(),
    reader: config.inCluster ? (overrides.reader ?? reader()) : undefined,
    tables,
    queue,
    exemptions: cachedExemptions(tables.Alerts, clock),
    settings: {
      periodMinutes: config.periodMinutes,
      deadlineMinutes: config.deadlineMinutes,
      retentionDays: config.retentionDays,
      excludedNamespaces: config.excludedNamespaces,
      exemptionMaxDays: config.exemptionMaxDays,
      outOfScope: (id) =>
        config.subscriptionsDeny.includes(id) ||
        (config.subscriptionsAllow.length > 0 && !config.subscriptionsAllow.includes(id)),
    },
    nonce: overrides.nonce ?? (() => randomUUID().slice(0, 8)),
    dispatch: async (scan, fleet) => dispatch(dispatching, scan.id, await collectOutbox(tables), fleet),
    forgetAlerts: async (before) => {
      await purgeSilences(tables.Alerts, before);
      await purgeCards(tables.Alerts, before);
    },
    heartbeat: (scan) => heartbeat(config.heartbeatUrl, scan, log),
  };
}

/** Calls the outside dead-man's switch; its failure is logged and never fails a scan. */
async function heartbeat(url: string | undefined, scan: Scan, log: Log): Promise<void> {
  if (!url) return;
  try {
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(10_000) });
    log.info('heartbeat sent', { scanId: scan.id, status: response.status });
  } catch (error) {
    log.warn('heartbeat failed', { scanId: scan.id, error });
  }
}

/** The bot library takes a second to load: it is loaded by the first message or the first delivery. */
function createBotOnce(config: Config, services: BotServices, log: Log): () => Promise<Bot | undefined> {
  let loading: Promise<Bot> | undefined;
  return async () => {
    const { botAppId = '', botAnonymous: anonymous, botTenantId, tenantId } = config;
    if (!botAppId && !anonymous) return undefined;
    loading ??= import('../teams/bot.ts').then(({ createBot }) =>
      createBot({
        appId: anonymous ? '' : botAppId,
        tenantId: botTenantId ?? tenantId ?? '',
        anonymous,
        services,
        log,
      }),
    );
    return loading;
  };
}

const chatOf = async (bot: () => Promise<Bot | undefined>): Promise<Chat | undefined> => (await bot())?.chat;

let current: App | undefined;

/** @returns the app of this process, built from its environment on first use @throws ConfigError */
export function getApp(): App {
  current ??= createApp(readConfig(process.env));
  return current;
}

/** Puts another app in place before any function is loaded: local runs and tests. */
export function useApp(app: App): void {
  current = app;
}
