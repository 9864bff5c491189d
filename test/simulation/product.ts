// The product of a run: composed as it is when deployed, on ports in memory that may fail.
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { App } from '../../shared/app/app.ts';
import { createApp } from '../../shared/app/app.ts';
import type { Config } from '../../shared/app/config.ts';
import { createAzureEstate } from '../../shared/estate/azure-estate.ts';
import { createKubernetesReader, defaultReaderLimits } from '../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../shared/estate/retry.ts';
import type { Chat, Clock, ClusterReader, Estate, Log, Queue, Tables } from '../../shared/ports.ts';
import type { Catalogue } from '../../shared/rules/index.ts';
import { createRations } from '../../shared/store/rations.ts';
import type { Through } from '../support/through.ts';
import { chatThrough, estateThrough, queueThrough, readerThrough, tablesThrough } from '../support/through.ts';
import { ARM_ENDPOINT } from './azure.ts';
import type { Insides } from './inside.ts';
import type { Random } from './random.ts';

export interface Ports {
  readonly tables: Tables;
  readonly queue: Queue;
  readonly estate: Estate;
  readonly chat: Chat;
}

export interface ProductParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly azure: HttpClient;
  readonly insides: Insides;
  /** The rules of a process that starts now. */
  readonly catalogue: () => Catalogue;
}

const END_OF_TIME = 8.64e15;
const credential = { getToken: async () => ({ token: 'token', expiresOnTimestamp: END_OF_TIME }) };
/** Small, so that every list has several pages. */
export const PAGE_SIZE = 4;

const armOf = ({ log, azure }: ProductParts) => ({ credential, endpoint: ARM_ENDPOINT, log, httpClient: azure });

/** @returns Azure as the product reads it */
export const readAzure = (parts: ProductParts): Estate =>
  createAzureEstate({
    ...armOf(parts),
    limits: defaultLimits,
    managedNamespaces: false,
    allow: [],
    deny: [],
    managementGroups: [],
  });

const readInside = (parts: ProductParts, { tables }: Ports): ClusterReader =>
  createKubernetesReader({
    ...armOf(parts),
    clock: parts.clock,
    // A read is one call here: those that it makes itself meet no fate of their own.
    rations: createRations(tables.Fleet, () => parts.clock.now()),
    limits: defaultReaderLimits,
    armLimits: defaultLimits,
    connect: parts.insides.connect,
    allowLocalAccounts: false,
    runCommand: false,
  });

/** Makes the app of an instance; what it remembers dies with it. @param through gets every call of a port @param skew by how much its clock is ahead */
export type Product = (through: Through, skew?: () => number) => App;

export function productOf(parts: ProductParts, ports: Ports): Product {
  let nonce = 0;
  const { config, log, random } = parts;
  return (through, skew = () => 0) => {
    const clock = { now: () => new Date(parts.clock.now().getTime() + skew()) };
    return createApp(config, {
      clock,
      log,
      credential,
      tables: tablesThrough(through, ports.tables, PAGE_SIZE),
      queue: queueThrough(through, ports.queue),
      estate: estateThrough(through, ports.estate),
      catalogue: parts.catalogue(),
      reader: readerThrough(through, readInside({ ...parts, clock }, ports)),
      chat: chatThrough(through, ports.chat),
      random: random.next,
      checkAnswers: true,
      nonce: () => `n${++nonce}`,
    });
  };
}
