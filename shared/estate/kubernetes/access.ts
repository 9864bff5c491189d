// How to reach a cluster's API server and as whom: addresses from ARM, kept for all instances; tokens from Entra, remembered until they age.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import type { Cluster } from '../../model/cluster.ts';
import { UnreadableError } from '../../model/estate.ts';
import type { Clock, Rations } from '../../ports.ts';
import type { ArmTarget } from '../arm-client.ts';
import { armClientOptions, newTally } from '../arm-client.ts';
import { toUnreadable } from '../failure.ts';
import { pause } from '../retry.ts';
import type { ApiServer } from './kubeconfig.ts';
import { parseKubeconfig } from './kubeconfig.ts';

/** The AKS server application of Entra: the same in every tenant (AKS documentation, kubelogin). */
export const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';
/** A token that ends within this time is no longer used. */
const TOKEN_MARGIN_MS = 5 * 60_000;

export interface AccessOptions extends ArmTarget {
  readonly credential: TokenCredential;
  /** Take the cluster-admin credential of a cluster without Entra. */
  readonly allowLocalAccounts: boolean;
  readonly rations: Rations;
  /** Of how many clusters the address is kept in memory as well. */
  readonly maxClusters: number;
  /** The longest wait for a turn; beyond it the next scan goes on. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

/** An API server, and since when its address is known; undefined for one that was asked for just now. */
export interface KnownServer {
  readonly api: ApiServer;
  readonly since?: Date;
}

export interface Access {
  /** @param hasTurn a turn to ask for the address was reserved, and has come @throws UnreadableError */
  apiServer(cluster: Cluster, hasTurn: boolean, signal: AbortSignal): Promise<KnownServer>;
  /** The remembered address led nowhere: ask anew next time. */
  forget(cluster: Cluster): Promise<void>;
  /** The token was refused although its time is not over. */
  forgetToken(): void;
  /** @returns a token for the API server of any cluster with Entra @throws UnreadableError */
  token(signal: AbortSignal): Promise<string>;
  /** Waits for a turn at the AKS resource provider. @throws UnreadableError when it would take too long */
  turn(cluster: Cluster, signal: AbortSignal): Promise<void>;
}

export function createAccess(options: AccessOptions): Access {
  const { credential, clock } = options;
  const { rations } = options;
  const servers = new Map<string, Required<KnownServer>>();
  let token: { readonly value: string; readonly until: number } | undefined;

  function remember(id: string, known: Required<KnownServer>): void {
    servers.delete(id);
    servers.set(id, known);
    const oldest = servers.keys().next();
    if (servers.size > options.maxClusters && !oldest.done) servers.delete(oldest.value);
  }

  /** An address alone does not let anybody into a cluster that is read by its local account. */
  async function recall(cluster: Cluster): Promise<Required<KnownServer> | undefined> {
    const known = servers.get(cluster.id);
    if (known || !cluster.entra) return known;
    const kept = await rations.address(cluster);
    if (!kept) return undefined;
    const { since, ...api } = kept;
    remember(cluster.id, { api, since });
    return { api, since };
  }

  /** A credential is not kept anywhere but in memory. */
  async function keep(cluster: Cluster, { local, ...address }: ApiServer): Promise<void> {
    remember(cluster.id, { api: { ...address, ...(local ? { local } : {}) }, since: clock.now() });
    if (!local) await rations.keepAddress(cluster, address);
  }

  async function turn(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const waitMs = await rations.turn(cluster, options.maxWaitMs);
    if (waitMs === undefined)
      throw new UnreadableError(
        'transient',
        'Azure answers one call a second about the clusters of each subscription and region, and more are waiting than the time allows.',
        'The next scans continue from there: addresses that were given out are remembered.',
      );
    await pause(waitMs, signal);
  }

  async function fetchServer(cluster: Cluster, hasTurn: boolean, signal: AbortSignal): Promise<ApiServer> {
    if (!hasTurn) await turn(cluster, signal);
    const tally = newTally();
    const client = new ContainerServiceClient(credential, cluster.subscriptionId, armClientOptions(options, tally));
    const target = {
      what: `the address of the API server of ${cluster.name}`,
      scope: cluster.id,
      reason: 'forbidden',
      role: 'Azure Kubernetes Service Cluster User Role',
    } as const;
    try {
      const { kubeconfigs } = await client.managedClusters.listClusterUserCredentials(
        cluster.resourceGroup,
        cluster.name,
        { abortSignal: signal },
      );
      const value = kubeconfigs?.[0]?.value;
      if (!value) throw new TypeError('it holds no kubeconfig');
      const { server, ca, local } = parseKubeconfig(Buffer.from(value).toString('utf8'));
      // A credential that will not be used is not kept.
      const account = local && options.allowLocalAccounts && !cluster.entra ? { local } : {};
      return { server, ...(ca ? { ca } : {}), ...account };
    } catch (error) {
      throw toUnreadable(error, target, signal);
    }
  }

  return {
    async apiServer(cluster, hasTurn, signal) {
      const known = await recall(cluster);
      if (known) return known;
      const api = await fetchServer(cluster, hasTurn, signal);
      await keep(cluster, api);
      return { api };
    },
    async forget(cluster) {
      servers.delete(cluster.id);
      await rations.forgetAddress(cluster);
    },
    forgetToken() {
      token = undefined;
    },
    async token(signal) {
      const now = clock.now().getTime();
      if (token && token.until - TOKEN_MARGIN_MS > now) return token.value;
      try {
        const fresh = await credential.getToken(AKS_SCOPE, { abortSignal: signal });
        if (!fresh) throw new TypeError('the credential gave no token');
        token = { value: fresh.token, until: fresh.expiresOnTimestamp };
        return fresh.token;
      } catch (error) {
        throw toUnreadable(error, { what: 'clusters', scope: '/', reason: 'forbidden' }, signal);
      }
    },
    turn,
  };
}
