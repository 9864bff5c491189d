// The tables and queues of the storage account that the settings name.
import type { TokenCredential } from '@azure/identity';
import { clouds } from '../model/cloud.ts';
import type { Clock, Log, Queue, Tables } from '../ports.ts';
import { createQueue } from '../store/azure-queue.ts';
import type { StorageTarget } from '../store/azure-tables.ts';
import { createTables } from '../store/azure-tables.ts';
import { followStore } from '../store/clock-watch.ts';
import { createClockAlarm } from './clock-alarm.ts';
import type { Config } from './config.ts';
import type { Overrides } from './overrides.ts';

const TIMEOUT_MS = 30_000;

export interface Storage {
  readonly tables: Tables;
  readonly queue: Queue;
  /** What time it is in the store; undefined before it has answered anything. */
  readonly storeTime: () => Date | undefined;
}

export function createStorage(
  config: Config,
  credential: TokenCredential,
  overrides: Overrides,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Storage {
  const { watch: clockWatch, storeTime } = followStore(createClockAlarm(clock, log, () => tables.Scans));
  const options = {
    target: storageTarget(config, credential),
    timeoutMs: TIMEOUT_MS,
    ...(overrides.onStorageCall ? { onCall: overrides.onStorageCall } : {}),
  };
  const tables = overrides.tables ?? createTables({ ...options, prefix: config.tablePrefix, clockWatch });
  return { tables, queue: overrides.queue ?? createQueue(options), storeTime };
}

/** @returns the account that the settings name, in the cloud that they name */
export function storageTarget(config: Config, credential: TokenCredential): StorageTarget {
  if (config.storageConnection) return { connectionString: config.storageConnection };
  const host = (service: string): string =>
    `https://${config.storageAccount}.${service}.${clouds[config.cloud].storageSuffix}`;
  return {
    tableEndpoint: config.storageTables ?? host('table'),
    queueEndpoint: config.storageQueues ?? host('queue'),
    credential,
  };
}
