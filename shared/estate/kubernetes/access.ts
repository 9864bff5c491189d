// How to reach a cluster's API server and as whom: addresses from ARM, remembered for days; tokens from Entra, remembered until they age.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import type { Cluster } from '../../model/cluster.ts';
import { UnreadableError } from '../../model/estate.ts';
import type { Clock } from '../../ports.ts';
import type { ArmTarget } from '../arm-client.ts';
import { armClientOptions, newTally } from '../arm-client.ts';
import { toUnreadable } from '../failure.ts';
import { pause } from '../retry.ts';
import type { ApiServer } from './kubeconfig.ts';
import { parseKubeconfig } from './kubeconfig.ts';
import { createTokenBuckets } from './token-bucket.ts';

/** The AKS server application of Entra: the same in every tenant (AKS documentation, kubelogin). */
export const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';
/** A token that ends within this time is no longer used. */
const TOKEN_MARGIN_MS = 5 * 60_000;
/** How many calls other than LIST and GET of clusters AKS lets through, per subscription and region (AKS quotas documentation). */
const BUCKET_SIZE = 60;
const BUCKET_REFILL_PER_SECOND = 1;

export interface AccessOptions extends ArmTarget {
  readonly credential: TokenCredential;
  /** Take the cluster-admin credential of a cluster without Entra. */
  readonly allowLocalAccounts: boolean;
  /** How long an address and its CA are believed. */
  readonly maxAgeMs: number;
  readonly maxClusters: number;
  /** The longest wait for a turn; beyond it the next scan goes on. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

export interface Access {
  /** @throws UnreadableError */
  apiServer(cluster: Cluster, signal: AbortSignal): Promise<{ readonly api: ApiServer; readonly remembered: boolean }>;
  /** The remembered address led nowhere: ask anew next time. */
  forget(cluster: Cluster): void;
  /** The token was refused although its time is not over. */
  forgetToken(): void;
  /** @returns a token for the API server of any cluster with Entra @throws UnreadableError */
  token(signal: AbortSignal): Promise<string>;
  /** Waits for a turn at the AKS resource provider. @throws UnreadableError when it would take too long */
  turn(cluster: Cluster, signal: AbortSignal): Promise<void>;
}

export function createAccess(options: AccessOptions): Access {
  const { credential, clock } = options;
  const buckets = createTokenBuckets(BUCKET_SIZE, BUCKET_REFILL_PER_SECOND, clock);
  const servers = new Map<string, { readonly api: ApiServer; readonly until: number }>();
  let token: { readonly value: string; readonly until: number } | undefined;

  function remember(id: string, api: ApiServer): void {
    servers.delete(id);
    servers.set(id, { api, until: clock.now().getTime() + options.maxAgeMs });
    const oldest = servers.keys().next();
    if (servers.size > options.maxClusters && !oldest.done) servers.delete(oldest.value);
  }

  async function turn(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const waitMs = buckets.reserve(`${cluster.subscriptionId} ${cluster.location}`, options.maxWaitMs);
    if (waitMs === undefined)
      throw new UnreadableError(
        'transient',
        `Azure gives out the credentials of ${BUCKET_REFILL_PER_SECOND} clusters a second for each subscription and region, and more are waiting than the time allows.`,
        'The next scans continue from there: credentials that were given out are remembered.',
      );
    await pause(waitMs, signal);
  }

  async function fetchServer(cluster: Cluster, signal: AbortSignal): Promise<ApiServer> {
    await turn(cluster, signal);
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
    async apiServer(cluster, signal) {
      const known = servers.get(cluster.id);
      if (known && known.until > clock.now().getTime()) return { api: known.api, remembered: true };
      const api = await fetchServer(cluster, signal);
      remember(cluster.id, api);
      return { api, remembered: false };
    },
    forget: (cluster) => void servers.delete(cluster.id),
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
