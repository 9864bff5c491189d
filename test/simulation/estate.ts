// The estate of a run: a few subscriptions with clusters in all shapes that rules tell apart.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { MemoryEstate } from '../support/estate.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import type { Random } from './random.ts';

type Shape = (cluster: Cluster) => Cluster;

/** A cluster's settings, each a shape that gives other verdicts. */
export const shapes: Readonly<Record<string, Shape>> = {
  cilium: (cluster) => sampleCluster(cluster.subscriptionId, cluster.name),
  'no engine': withoutEngine,
  'calico, open to the internet': (cluster) => ({
    ...cluster,
    network: { ...cluster.network!, policy: 'calico', dataplane: 'azure' },
    authorizedIpRanges: [],
  }),
  'azure with 300 nodes': (cluster) => ({
    ...cluster,
    network: { ...cluster.network!, policy: 'azure', dataplane: 'azure' },
    pools: [{ name: 'system', os: 'linux', count: 300, autoscaling: false }],
  }),
  kubenet: (cluster) => ({
    ...cluster,
    network: { ...cluster.network!, plugin: 'kubenet', policy: 'calico', dataplane: 'azure' },
  }),
  'own CNI': (cluster) => ({ ...withoutEngine(cluster), network: { ...cluster.network!, plugin: 'none' } }),
  'an engine nobody knows': (cluster) => ({ ...cluster, network: { ...cluster.network!, policy: 'stardust' } }),
};

/** @returns one to three subscriptions with two to six clusters between them; in some runs there are thirty, most of them empty */
export function makeEstate(random: Random): MemoryEstate {
  const estate: MemoryEstate = new Map();
  const subscriptions = random.chance(0.1) ? 30 : random.whole(1, 3);
  for (let i = 0; i < subscriptions; i++)
    estate.set(`sub${i}`, { name: `Subscription ${i}`, clusters: new Map(), unlisted: new Set(), refused: new Set() });
  const clusters = random.whole(2, 6);
  for (let i = 0; i < clusters; i++) addCluster(estate, random, `c${i}`);
  return estate;
}

/** @returns the cluster's subscription */
export function addCluster(estate: MemoryEstate, random: Random, name: string): string {
  const [id, { clusters }] = random.pick([...estate]);
  clusters.set(name, random.pick(Object.values(shapes))(sampleCluster(id, name)));
  return id;
}
