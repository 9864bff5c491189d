// What the scan protocol works with: Azure, the clusters' API servers, the stores, and whom it tells when a scan has closed.
import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { createAzureEstate } from '../estate/azure-estate.ts';
import { createKubernetesReader } from '../estate/kubernetes/reader.ts';
import { defaultLimits } from '../estate/retry.ts';
import { clouds } from '../model/cloud.ts';
import type { Clock, ClusterReader, Estate, Log } from '../ports.ts';
import type { ScanContext } from '../scan/context.ts';
import { collectOutbox } from '../scan/outbox.ts';
import { createRations } from '../store/rations.ts';
import { cachedExemptions } from '../store/exemptions.ts';
import type { DispatchContext } from '../telling/dispatch.ts';
import { dispatch } from '../telling/dispatch.ts';
import { purgeSilences } from '../telling/silences.ts';
import { purgeCards } from '../telling/card-store.ts';
import type { Config } from './config.ts';
import type { Storage } from './create-storage.ts';
import { sendHeartbeat } from './heartbeat.ts';
import type { Overrides } from './overrides.ts';

interface Parts extends Storage {
  readonly clock: Clock;
  readonly log: Log;
  readonly credential: TokenCredential;
  readonly storeTime: () => Date | undefined;
  readonly dispatching: DispatchContext;
}

export function createScanContext(config: Config, parts: Parts, overrides: Overrides): ScanContext {
  const { clock, log, tables, queue, storeTime, dispatching } = parts;
  const azure = createAzure(config, parts, overrides);
  return {
    clock,
    log,
    estate: overrides.estate ?? azure.estate(),
    reader: config.inCluster ? (overrides.reader ?? azure.reader()) : undefined,
    tables,
    queue,
    storeTime,
    ...(overrides.catalogue ? { catalogue: overrides.catalogue } : {}),
    exemptions: cachedExemptions(tables.Alerts, clock),
    settings: {
      periodMinutes: config.periodMinutes,
      deadlineMinutes: config.deadlineMinutes,
      retentionDays: config.retentionDays,
      excludedNamespaces: config.excludedNamespaces,
      exemptionMaxDays: config.exemptionMaxDays,
      timezone: config.timezone,
      outOfScope: (id) =>
        config.subscriptionsDeny.includes(id) ||
        (config.subscriptionsAllow.length > 0 && !config.subscriptionsAllow.includes(id)),
    },
    nonce: overrides.nonce ?? (() => randomUUID().slice(0, 8)),
    dispatch: async (scan, fleet) => dispatch(dispatching, scan.id, await collectOutbox(tables, log), fleet),
    forgetAlerts: async (before) => {
      await purgeSilences(tables.Alerts, before);
      await purgeCards(tables.Alerts, before);
    },
    heartbeat: (scan) => sendHeartbeat(config.heartbeatUrl, scan, log),
  };
}

/** The real Azure, built only where nothing stands in its place. */
function createAzure(
  config: Config,
  { clock, log, credential, tables }: Parts,
  { armEndpoint, httpClient }: Overrides,
) {
  const endpoint = armEndpoint ?? clouds[config.cloud].armEndpoint;
  const arm = { credential, endpoint, ...(httpClient ? { httpClient } : {}) };
  const limits = { ...defaultLimits, timeoutMs: config.armTimeoutSeconds * 1000 };
  return {
    estate: (): Estate =>
      createAzureEstate({
        ...arm,
        tenantId: config.tenantId,
        allow: config.subscriptionsAllow,
        deny: config.subscriptionsDeny,
        managementGroups: config.managementGroups,
        managedNamespaces: config.managedNamespaces,
        limits,
        log,
      }),
    reader: (): ClusterReader =>
      createKubernetesReader({
        ...arm,
        rations: createRations(tables.Fleet, () => clock.now()),
        allowLocalAccounts: config.localAccounts,
        runCommand: config.runCommand,
        armLimits: limits,
        log,
        clock,
      }),
  };
}
