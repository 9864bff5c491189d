// Azure in memory, as far as the wire: what it answers about the estate of a run, with the SDKs and the product's own reading in front of it.
import type { HttpClient } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { ArmWorld } from '../../infra/local/azure/arm.ts';
import { answerArm, armError } from '../../infra/local/azure/arm.ts';
import type { SimulatedCluster, SimulatedEstate } from '../../infra/local/azure/estate-files.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { MemoryEstate, MemorySubscription } from '../support/estate.ts';

export const ARM_ENDPOINT = 'https://arm.test';

export interface AzureParts {
  readonly estate: MemoryEstate;
  readonly pageSize: number;
  /** The address of a cluster's API server. */
  readonly addressOf: (clusterId: string) => string;
  /** Is told that a GET of a cluster was answered with 404. */
  readonly gone: (clusterId: string) => void;
}

/** @returns what the SDKs send their requests through */
export function azureInMemory({ estate, pageSize, addressOf, gone }: AzureParts): HttpClient {
  const world = (isList: boolean): ArmWorld => ({
    estate: simulated(estate, isList),
    pageSize,
    kubeconfig: async ({ id }) => kubeconfig(addressOf(id.toLowerCase())),
    admit: () => 0,
  });
  return {
    async sendRequest(request) {
      const { pathname: path, searchParams: query, host } = new URL(request.url);
      const isList = path.toLowerCase().endsWith('/managedclusters');
      const { method } = request;
      const { status, body } = isRefused(estate, path)
        ? armError(403, 'AuthorizationFailed', 'The client does not have authorization to read it.')
        : await answerArm({ method, path, query, host }, world(isList));
      const { code } = (body as { error?: { code?: string } }).error ?? {};
      if (status === 404 && code === 'ResourceNotFound') gone(path.toLowerCase());
      const headers = createHttpHeaders({ 'content-type': 'application/json' });
      return { request, status, headers, bodyAsText: JSON.stringify(body) };
    },
  };
}

const isRefused = (estate: MemoryEstate, path: string): boolean => {
  const [, , id = '', , , , , , name = ''] = path.split('/');
  return estate.get(id)?.refused?.has(name) === true;
};

/** @param isList leaves out what a list leaves out at present */
function simulated(estate: MemoryEstate, isList: boolean): SimulatedEstate {
  const clustersOf = ({ clusters, unlisted, refused }: MemorySubscription): readonly Cluster[] =>
    [...clusters.values()].filter(({ name }) => !isList || !(unlisted?.has(name) || refused?.has(name)));
  return {
    subscriptions: () =>
      [...estate]
        .filter(([, { hidden }]) => !hidden)
        .map(([id, { name, unreadable }]) => ({
          body: { id: `/subscriptions/${id}`, subscriptionId: id, displayName: name, state: 'Enabled' },
          id,
          folder: '',
          unreadable: unreadable !== undefined,
        })),
    clusters: (id) => {
      const found = estate.get(id);
      return found ? clustersOf(found).map(asSimulated) : [];
    },
  };
}

const asSimulated = (cluster: Cluster): SimulatedCluster => {
  const body = bodyOf(cluster);
  return { id: body.id, body, managedNamespaces: [], manifests: '', forbidden: [], unreachable: false };
};

const capitalised = (word: string | undefined): string | undefined =>
  word && `${word[0]!.toUpperCase()}${word.slice(1)}`;

/** The body of a cluster in ARM's own words and spelling. */
function bodyOf({ network, pools, ...cluster }: Cluster) {
  const { subscriptionId, resourceGroup, name } = cluster;
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return {
    id: `${scope}/providers/Microsoft.ContainerService/managedClusters/${name}`,
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    location: cluster.location,
    tags: cluster.tags,
    sku: { name: 'Base', tier: 'Standard' },
    properties: {
      provisioningState: capitalised(cluster.provisioning),
      powerState: { code: capitalised(cluster.power) },
      currentKubernetesVersion: cluster.kubernetesVersion,
      networkProfile: network && {
        networkPlugin: network.plugin,
        networkPolicy: network.policy,
        networkDataplane: network.dataplane,
        ipFamilies: ['IPv4'],
        podCidrs: network.podCidrs,
        serviceCidrs: network.serviceCidrs,
      },
      agentPoolProfiles: pools.map((pool) => ({
        name: pool.name,
        osType: 'Linux',
        mode: 'System',
        count: pool.count,
        enableAutoScaling: false,
      })),
      aadProfile: { managed: true, enableAzureRBAC: true },
      disableLocalAccounts: true,
      apiServerAccessProfile: {
        enablePrivateCluster: false,
        authorizedIPRanges: cluster.authorizedIpRanges,
        disableRunCommand: true,
      },
    },
  };
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c' } }],
    clusters: [{ name: 'c', cluster: { server } }],
  });
