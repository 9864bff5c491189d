// The ClusterReader port: what is inside a cluster, or the one reason why it could not be read.
import { getHeapStatistics } from 'node:v8';
import type { TokenCredential } from '@azure/identity';
import type { Cluster } from '../../model/cluster.ts';
import type { InCluster, InClusterRead } from '../../model/in-cluster.ts';
import { UnreadableError } from '../../model/estate.ts';
import type { Clock, ClusterReader, Log, Rations } from '../../ports.ts';
import type { ArmTarget } from '../arm-client.ts';
import type { RetryLimits } from '../retry.ts';
import { defaultLimits } from '../retry.ts';
import type { Access } from './access.ts';
import { createAccess } from './access.ts';
import { ApiError } from './api-error.ts';
import { collect } from './collect.ts';
import type { ConnectionLimits } from './connection.ts';
import { openConnection } from './connection.ts';
import { outOfTime, preflight, unknownFor } from './explain.ts';
import type { ApiServer } from './kubeconfig.ts';
import type { Meter, ReadBounds } from './meter.ts';
import { createMeter } from './meter.ts';
import type { RoomLimits } from '../room.ts';
import { createRoom, roomIn } from '../room.ts';
import { readByRunCommand } from './run-command.ts';

export interface ReaderLimits {
  /** For one request to an API server. */
  readonly connection: ConnectionLimits;
  /** For one cluster, from the first request to the last byte. */
  readonly totalMs: number;
  /** Of one cluster. */
  readonly bounds: ReadBounds;
  /** Of the memory that all reads of this process share. */
  readonly room: RoomLimits;
  /** Of how many clusters the address and CA of the API server are kept in memory as well. */
  readonly rememberClusters: number;
  /** How long an address is believed that leads nowhere: a private cluster without a way to it looks the same every time. */
  readonly doubtMs: number;
  /** The longest wait for a turn at the AKS resource provider. */
  readonly maxTurnMs: number;
}

/** 200,000 pods on the largest cluster AKS supports, at 7 KB each. How many fit into memory depends on the heap that the process was given. */
export const defaultReaderLimits: ReaderLimits = {
  connection: {
    ...defaultLimits,
    timeoutMs: 30_000,
    maxRetries: 4,
    maxDelayMs: 20_000,
    maxTotalMs: 60_000,
    connectTimeoutMs: 10_000,
    maxResponseBytes: 64 * 1024 * 1024,
  },
  totalMs: 180_000,
  bounds: { packedBytes: 1_000_000_000, bytes: 2_000_000_000, objects: 500_000, pages: 2_000 },
  room: roomIn(getHeapStatistics().heap_size_limit),
  rememberClusters: 10_000,
  doubtMs: 6 * 3_600_000,
  maxTurnMs: 60_000,
};

export interface KubernetesReaderOptions extends Omit<ArmTarget, 'limits'> {
  readonly credential: TokenCredential;
  /** Read clusters without Entra by their local account, which is cluster-admin. */
  readonly allowLocalAccounts: boolean;
  /** Read private clusters that cannot be reached through `az aks command invoke`. */
  readonly runCommand: boolean;
  /** Of calls to ARM. */
  readonly armLimits: RetryLimits;
  readonly limits?: ReaderLimits;
  /** How an API server is reached; over TLS unless given. */
  readonly connect?: typeof openConnection;
  readonly rations: Rations;
  readonly log: Log;
  readonly clock: Clock;
}

/** @returns the port; nothing is read before it is asked for */
export function createKubernetesReader(options: KubernetesReaderOptions): ClusterReader {
  const { allowLocalAccounts, log, clock, limits = defaultReaderLimits, connect = openConnection } = options;
  const room = createRoom(limits.room);
  const arm: ArmTarget = { ...options, limits: options.armLimits };
  const access = createAccess({
    ...arm,
    credential: options.credential,
    allowLocalAccounts,
    rations: options.rations,
    maxClusters: limits.rememberClusters,
    maxWaitMs: limits.maxTurnMs,
    clock,
  });

  async function inRoom<T>(signal: AbortSignal, read: (meter: Meter, signal: AbortSignal) => Promise<T>): Promise<T> {
    const stay = room.enter();
    try {
      return await read(createMeter(limits.bounds, stay), AbortSignal.any([signal, stay.signal]));
    } catch (error) {
      if (!stay.signal.aborted || signal.aborted) throw error;
      const message = `The cluster is large, and reading it took more than the ${limits.room.turnMs / 1000} s that one as large may keep others waiting.`;
      throw new UnreadableError('timeout', message, 'The next scan tries again.');
    } finally {
      stay.leave();
    }
  }

  const readOnce = (api: ApiServer, cluster: Cluster, caller: AbortSignal): Promise<InClusterRead> =>
    inRoom(caller, async (meter, signal) => {
      // Ends the requests that are still under way when one of them has failed.
      const ended = new AbortController();
      const connection = await connect({
        api,
        authorization: () => authorization(api, cluster, access, signal),
        limits: limits.connection,
        meter,
        signal: AbortSignal.any([signal, ended.signal]),
      });
      try {
        return await collect(connection, meter);
      } finally {
        ended.abort();
        await connection.close();
      }
    });

  async function throughApiServer(cluster: Cluster, hasTurn: boolean, signal: AbortSignal): Promise<InClusterRead> {
    const { api: known, since } = await access.apiServer(cluster, hasTurn, signal);
    try {
      return await readOnce(known, cluster, signal);
    } catch (error) {
      if (isRefused(error)) access.forgetToken();
      const stale = since ? staleness(error, cluster) : 'none';
      if (stale === 'none' || (stale === 'maybe' && ageOf(since) < limits.doubtMs)) throw error;
      await access.forget(cluster);
      if (stale === 'maybe') throw error;
      const { api } = await access.apiServer(cluster, false, signal);
      return readOnce(api, cluster, signal);
    }
  }

  const ageOf = (since: Date | undefined): number => clock.now().getTime() - (since?.getTime() ?? 0);

  const mayRunCommand = (cluster: Cluster, error: unknown): boolean =>
    options.runCommand && cluster.privateApi && !cluster.runCommandDisabled && isUnreachable(error);

  async function readWithin(cluster: Cluster, hasTurn: boolean, signal: AbortSignal): Promise<InCluster> {
    try {
      return await throughApiServer(cluster, hasTurn, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (!mayRunCommand(cluster, error)) return unknownFor(error, cluster);
    }
    try {
      const { credential } = options;
      return await inRoom(signal, (meter, within) =>
        readByRunCommand({ cluster, arm, credential, access, meter, signal: within }),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      return unknownFor(error, cluster);
    }
  }

  return {
    needsAddress: (cluster) => preflight(cluster, allowLocalAccounts) === undefined,
    async read(cluster, context, signal) {
      const hopeless = preflight(cluster, allowLocalAccounts);
      if (hopeless) return hopeless;
      const started = Date.now();
      const budget = AbortSignal.any([signal, AbortSignal.timeout(limits.totalMs)]);
      const found = await readWithin(cluster, context.addressTurn ?? false, budget).catch((error: unknown) => {
        // A worker that is shut down needs no verdict: the message comes back to another one.
        if (signal.aborted && !isTimeout(signal)) throw error;
        return outOfTime((Date.now() - started) / 1000);
      });
      const fields = { scanId: context.scanId, cluster: cluster.id, ms: Date.now() - started, ...summary(found) };
      if (found.status === 'read') log.info('cluster objects read', fields);
      else log.warn('cluster objects not read', fields);
      return found;
    },
  };
}

async function authorization(
  api: ApiServer,
  cluster: Cluster,
  access: Access,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (cluster.entra) return `Bearer ${await access.token(signal)}`;
  return api.local?.kind === 'token' ? `Bearer ${api.local.token}` : undefined;
}

/**
 * Whether what was remembered may be to blame: a cluster made anew under its old name, a rotated CA, a revoked token.
 * `maybe` is asked anew by the next scan, and not by every one: a private cluster without a way to it looks the same every time.
 */
function staleness(error: unknown, cluster: Cluster): 'none' | 'maybe' | 'likely' {
  if (!(error instanceof ApiError)) return 'none';
  const { failure } = error;
  if (failure.kind === 'tls' || isRefused(error)) return 'likely';
  if (failure.kind !== 'unreachable') return 'none';
  return failure.code === 'ENOTFOUND' && !cluster.privateApi ? 'likely' : 'maybe';
}

const isRefused = (error: unknown): boolean =>
  error instanceof ApiError && error.failure.kind === 'status' && error.failure.status === 401;
const isUnreachable = (error: unknown): boolean => error instanceof ApiError && error.failure.kind === 'unreachable';
const isTimeout = (signal: AbortSignal): boolean =>
  (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError';

function summary(found: InCluster): Readonly<Record<string, unknown>> {
  if (found.status === 'unknown') return { reason: found.reason, error: found.message };
  const { namespaces, pods, policies, problems } = found.objects;
  return {
    namespaces: namespaces.length,
    pods: pods.length,
    policies: policies.length,
    problems: problems.length,
    forbidden: found.forbiddenKinds.length,
  };
}
