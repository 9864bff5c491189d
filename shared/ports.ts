// Every port of Bulkhead on one page: what the core needs from the world, and nothing about how it is done.
import type { ListedCluster, Subscription } from './model/estate.ts';
import type { Cluster, ManagedNamespaces } from './model/cluster.ts';
import type { InCluster } from './model/in-cluster.ts';

export interface Clock {
  now(): Date;
}

/** Messages are static texts; everything variable is a field. No field ever holds a secret. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** ARM. Every call is bounded in time and retries; a failure that is a verdict is thrown as UnreadableError. */
export interface Estate {
  /** The tenant's enabled subscriptions after the allow, deny and management-group filters. */
  subscriptions(signal: AbortSignal): Promise<readonly Subscription[]>;
  /** The clusters of one subscription, page by page. */
  clusters(subscriptionId: string, signal: AbortSignal): AsyncIterable<readonly ListedCluster[]>;
  /** One cluster; `gone` only on a 404. */
  cluster(clusterId: string, signal: AbortSignal): Promise<ListedCluster | 'gone'>;
  /** Those of one cluster, or why they could not be read: a call that Azure rations. Absent when the bodies of clusters carry all there is. */
  readonly managedNamespaces?: (cluster: Cluster, signal: AbortSignal) => Promise<ManagedNamespaces>;
}

/** The API server of one cluster. Never throws for a reason that is a verdict. */
export interface ClusterReader {
  read(cluster: Cluster, context: ReadContext, signal: AbortSignal): Promise<InCluster>;
  /** Whether reading it takes its address, which Azure rations; absent when none does. */
  readonly needsAddress?: (cluster: Cluster) => boolean;
}

export interface ReadContext {
  readonly scanId: string;
  /** Its turn to ask for its address was reserved, and has come. */
  readonly addressTurn?: boolean;
}

/** Where an API server is. There is no secret in it. */
export interface ApiAddress {
  /** `https://HOST:PORT` */
  readonly server: string;
  /** PEM; undefined when the server's certificate comes from a public authority. */
  readonly ca?: string;
}

/** What the AKS resource provider gives only so often for each subscription and region, shared by all instances. */
export interface Rations {
  /** The address that was given, and when. */
  address(cluster: Cluster): Promise<(ApiAddress & { readonly since: Date }) | undefined>;
  keepAddress(cluster: Cluster, address: ApiAddress): Promise<void>;
  forgetAddress(cluster: Cluster): Promise<void>;
  /** Takes a turn for one call. Milliseconds to wait for it; undefined, and nothing is taken, when that is longer than `maxWaitMs`. */
  turn(cluster: Cluster, maxWaitMs: number): Promise<number | undefined>;
}

export type Value = string | number | boolean | bigint | Date | Uint8Array;
/** A table row; `partitionKey` and `rowKey` identify it. */
export interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly [property: string]: Value | undefined;
}
export type StoredRow = Row & { readonly etag: string };

export type RowChange =
  | { readonly kind: 'insert'; readonly row: Row }
  | { readonly kind: 'upsert'; readonly row: Row }
  | { readonly kind: 'replace'; readonly row: Row; readonly etag: string }
  | { readonly kind: 'delete'; readonly rowKey: string };

/** Half-open ranges: from inclusive, to exclusive; a missing bound is open. */
export interface RowRange {
  readonly partition?: string;
  readonly partitionFrom?: string;
  readonly partitionTo?: string;
  readonly rowFrom?: string;
  readonly rowTo?: string;
  /** Stop after this many rows. */
  readonly limit?: number;
  /** Rows come with their keys and these properties only; without it, whole. */
  readonly columns?: readonly string[];
  /** Rows a page at most, where they are so long that a thousand must not be in memory at once. */
  readonly pageSize?: number;
}

/**
 * One table of Azure Table Storage. Conflicts are answers, not errors; a missing row is `undefined`.
 * Anything else (network, throttling past the retries, forbidden) is thrown.
 */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined>;
  insert(row: Row): Promise<'inserted' | 'exists'>;
  upsert(row: Row): Promise<void>;
  /** Replaces the whole row when it still has this etag; `stale` when it changed or is gone. */
  replace(row: Row, etag: string): Promise<'replaced' | 'stale'>;
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<'deleted' | 'absent' | 'stale'>;
  /** All or nothing, at most 100 changes of one partition; `conflict` when an insert exists, an etag is stale or a deleted row is absent. */
  transact(partitionKey: string, changes: readonly RowChange[]): Promise<'committed' | 'conflict'>;
  /** Rows in key order, page by page; a page may be empty. */
  pages(range: RowRange): AsyncIterable<readonly StoredRow[]>;
  /** Waits before something is tried again after a conflict: longer with every try, and for no two writers equally long. */
  backOff(tries: number): Promise<void>;
}

export const tableNames = ['Scans', 'Work', 'Results', 'Fleet', 'Chat', 'Alerts'] as const;
export type TableName = (typeof tableNames)[number];
export type Tables = Readonly<Record<TableName, Table>>;

export const queueNames = ['enumerate', 'audit', 'supervise', 'deliver'] as const;
export type QueueName = (typeof queueNames)[number];

/** Storage queues: at least once, any order, at most 48 KiB of JSON a message. */
export interface Queue {
  send(queue: QueueName, message: object, options?: { readonly delaySeconds?: number }): Promise<void>;
}

/** A Teams conversation that messages are posted to; opaque to everything but the chat adapter. */
export interface ConversationAddress {
  readonly conversationId: string;
  readonly serviceUrl: string;
  readonly tenantId: string;
  readonly kind: 'personal' | 'groupChat' | 'channel';
  /** The adapter's own conversation reference, as JSON. */
  readonly reference: string;
}

/** An Adaptive Card as plain JSON, with the plain sentence that notifications and old clients show. */
export interface CardMessage {
  readonly summary: string;
  readonly card: Readonly<Record<string, unknown>>;
}

/** What became of a send. `gone`: the bot was removed or the conversation deleted; it never comes back by waiting. `refused`: this very message will never be taken. */
export type SendOutcome =
  | { readonly status: 'sent'; readonly activityId: string }
  | { readonly status: 'gone'; readonly message: string }
  | { readonly status: 'refused'; readonly message: string }
  | { readonly status: 'retry'; readonly message: string; readonly afterSeconds?: number };

export interface Chat {
  post(to: ConversationAddress, message: CardMessage): Promise<SendOutcome>;
  /** Replaces an earlier message; `gone` when that message cannot be updated any more. */
  update(to: ConversationAddress, activityId: string, message: CardMessage): Promise<SendOutcome>;
}
