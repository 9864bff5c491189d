// What runs inside the clusters of a run, and whether anybody may look at it: objects as people write them, behind an API server in memory.
import type { ClusterState } from '../../infra/local/kubernetes/cluster-state.ts';
import { answer } from '../../infra/local/kubernetes/api.ts';
import type { KubeObject } from '../../infra/local/kubernetes/object.ts';
import { groupOf } from '../../infra/local/kubernetes/object.ts';
import type { Resource } from '../../infra/local/kubernetes/resources.ts';
import { resources } from '../../infra/local/kubernetes/resources.ts';
import { ApiError } from '../../shared/estate/kubernetes/api-error.ts';
import type { Connection, ConnectionOptions } from '../../shared/estate/kubernetes/connection.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Random } from './random.ts';
import { engineIn } from './truth.ts';

/** What is true of a cluster's inside, said beside the objects that make it so. */
export interface Inside {
  readonly objects: readonly KubeObject[];
  readonly namespaces: readonly string[];
  /** Every namespace has a policy that closes it for ingress. */
  readonly sealed: boolean;
  /** A policy admits everyone. */
  readonly opened: boolean;
}

const names = ['shop', 'web'];
const namespaces = names.map((name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
const pods = names.map((namespace, index): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name: `${namespace}-0`, labels: { app: namespace } },
  spec: { containers: [{ name: 'main', image: 'main' }] },
  status: { phase: 'Running', podIP: `10.244.0.${index + 4}` },
}));
const policy = (namespace: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
});
const deny = names.map((namespace) => policy(namespace, 'deny', {}));
const open = policy('shop', 'open', { ingress: [{}] });

/** Each gives other verdicts. */
const insides = {
  empty: { objects: [], namespaces: [], sealed: false, opened: false },
  open: { objects: [...namespaces, ...pods], namespaces: names, sealed: false, opened: false },
  sealed: { objects: [...namespaces, ...pods, ...deny], namespaces: names, sealed: true, opened: false },
  'sealed but for an allow-all policy': {
    objects: [...namespaces, ...pods, ...deny, open],
    namespaces: names,
    sealed: true,
    opened: true,
  },
  'without pods': { objects: [...namespaces, ...deny], namespaces: names, sealed: true, opened: false },
} satisfies Readonly<Record<string, Inside>>;
const kinds: readonly Inside[] = Object.values(insides);

/** By cluster id. */
export interface Insides {
  /** Changes what runs there. @returns what runs there now */
  change(id: string, random: Random): string;
  of(id: string): Inside;
  /** Ids of clusters whose API server lets nobody in. */
  readonly shut: Set<string>;
  /** Ids of clusters in which the kinds that come with the engine may not be listed. */
  readonly withheld: Set<string>;
  /** Some kinds that the cluster has may not be listed. */
  isPartlyHidden(cluster: Cluster): boolean;
  readonly addressOf: (id: string) => string;
  /** Stands in for a connection over TLS. */
  readonly connect: (options: ConnectionOptions) => Promise<Connection>;
}

/** What AKS runs on every node for an engine, and the group of the kinds that come with it. */
const ENGINES: Readonly<Record<string, { readonly daemonSet: string; readonly group: string }>> = {
  cilium: { daemonSet: 'cilium', group: 'cilium.io' },
  azure: { daemonSet: 'azure-npm', group: '' },
  calico: { daemonSet: 'calico-node', group: 'crd.projectcalico.org' },
};

const HIDDEN = Object.values(ENGINES).flatMap(({ group }) => (group === '' ? [] : [`*.${group}`]));

/** @param cluster as it is now, by its id; undefined for one that does not exist */
export function createInsides(cluster: (id: string) => Cluster | undefined): Insides {
  const now = new Map<string, Inside>();
  const shut = new Set<string>();
  const withheld = new Set<string>();
  const states = new Map<string, ClusterState>();

  /** Clusters begin with all kinds of insides, by their names. */
  const of = (id: string): Inside => now.get(id) ?? kinds[Number(/\d+$/.exec(id)?.[0] ?? 0) % kinds.length]!;

  function stateOf(id: string): ClusterState {
    const inside = of(id);
    const found = cluster(id);
    const engine = found ? engineIn(found) : '';
    const name = `${kinds.indexOf(inside)} ${engine}`;
    const state = states.get(name) ?? serve(inside.objects, engine);
    states.set(name, state);
    return state;
  }

  function ask(id: string, path: string, accept: string): unknown {
    const { pathname, searchParams: query } = new URL(path, 'https://cluster.test');
    const forbidden = shut.has(id) ? ['*'] : withheld.has(id) ? HIDDEN : [];
    const { status, body } = answer({ method: 'GET', path: pathname, query, accept }, stateOf(id), forbidden);
    if (status === 200) return body;
    const message = typeof body === 'string' ? body : String((body as { message?: unknown }).message);
    throw new ApiError(path, { kind: 'status', status, message });
  }

  return {
    of,
    shut,
    withheld,
    isPartlyHidden: (cluster) => withheld.has(cluster.id) && (ENGINES[engineIn(cluster)]?.group ?? '') !== '',
    change(id, random) {
      const [name, inside] = random.pick(Object.entries(insides));
      now.set(id, inside);
      return name;
    },
    addressOf: (id) => `https://${Buffer.from(id).toString('hex')}.test`,
    connect: async ({ api }) => {
      const id = Buffer.from(new URL(api.server).hostname.replace('.test', ''), 'hex').toString();
      return {
        get: async (path) => ask(id, path, 'application/json'),
        page: async (path, accept, sink) => {
          const { items, ...list } = ask(id, path, accept) as { readonly items: readonly unknown[] | null };
          sink.begin();
          sink.head?.({ ...list, items: [] });
          for (const item of items ?? []) sink.item(item);
          return { ...list, items: items && [] };
        },
        close: async () => undefined,
      };
    },
  };
}

function serve(objects: readonly KubeObject[], engine: string): ClusterState {
  const { daemonSet, group } = ENGINES[engine] ?? { daemonSet: undefined, group: undefined };
  const running: readonly KubeObject[] = daemonSet === undefined ? [] : [agent(daemonSet)];
  const served = new Map<Resource, readonly KubeObject[]>();
  for (const resource of resources)
    if (!resource.custom || resource.group === group)
      served.set(
        resource,
        [...objects, ...running].filter(
          ({ apiVersion, kind }) => kind === resource.kind && groupOf(apiVersion) === resource.group,
        ),
      );
  return { served, version: '1.34.2', resourceVersion: 1_000 };
}

const agent = (name: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'kube-system', name },
  spec: {},
  status: { desiredNumberScheduled: 3, numberReady: 3 },
});
