// What runs inside the clusters of a run, and whether anybody may look at it.
import type { InCluster } from '../../shared/model/in-cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import type { ClusterReader } from '../../shared/ports.ts';
import type { Random } from './random.ts';

const namespaces = ['shop', 'web'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
const pods = ['shop', 'web'].map((namespace) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name: `${namespace}-0`, labels: { app: namespace } },
  spec: { containers: [{ name: 'main', image: 'main' }] },
  status: { phase: 'Running', podIP: namespace === 'shop' ? '10.244.0.4' : '10.244.0.5' },
}));
const policy = (namespace: string, name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
});
const sealed = ['shop', 'web'].map((namespace) => policy(namespace, 'deny', {}));

const read = (...raws: readonly object[]): InCluster => {
  const { objects } = parseObjects(raws);
  if (objects.problems.length > 0) throw new Error(JSON.stringify(objects.problems));
  return { status: 'read', objects, forbiddenKinds: [] };
};

/** Each gives other verdicts. */
const insides = {
  empty: read(),
  open: read(...namespaces, ...pods),
  sealed: read(...namespaces, ...pods, ...sealed),
  'sealed but for an allow-all policy': read(
    ...namespaces,
    ...pods,
    ...sealed,
    policy('shop', 'open', { ingress: [{}] }),
  ),
  'without pods': read(...namespaces, ...sealed),
} satisfies Readonly<Record<string, InCluster>>;

/** By cluster id. */
export interface Insides {
  /** Changes what runs there. @returns what runs there now */
  change(id: string, random: Random): string;
  /** Ids of clusters whose API server lets nobody in. */
  readonly shut: Set<string>;
  readonly reader: ClusterReader;
}

export function createInsides(): Insides {
  const now = new Map<string, InCluster>();
  const shut = new Set<string>();
  return {
    shut,
    change(id, random) {
      const [name, inside] = random.pick(Object.entries(insides));
      now.set(id, inside);
      return name;
    },
    reader: {
      read: async ({ id, power }) => {
        if (power === 'stopped') return unseen('stopped', 'The cluster is stopped.');
        return shut.has(id) ? unseen('forbidden', 'The API server answered 403.') : (now.get(id) ?? insides.open);
      },
    },
  };
}

const unseen = (reason: 'stopped' | 'forbidden', message: string): InCluster => ({
  status: 'unknown',
  reason,
  message,
  remedy: '',
});
