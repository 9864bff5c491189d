// `status`: the fleet, or one cluster.
import type { FleetCluster } from '../../model/fleet.ts';
import { clusterCard } from '../cards/cluster.ts';
import { button } from '../cards/elements.ts';
import { fleetCard } from '../cards/fleet.ts';
import { notice } from '../cards/notice.ts';
import type { Command } from './command.ts';

const MAX_CHOICES = 5;

export const status: Command = {
  name: 'status',
  usage: 'status [CLUSTER]',
  help: 'The fleet at a glance, or one cluster with what fails and how to mend it.',
  async run(args, services) {
    const fleet = await services.fleet();
    if (!fleet) return notice('No scan has finished yet', ['The first one is on its way; ask again in a minute.']);
    const [wanted, pageText] = splitPage(args);
    if (wanted === '') return fleetCard(fleet, services.now());
    const found = findClusters(fleet.clusters, wanted);
    const [only] = found;
    if (!only) return notFound(fleet.clusters, wanted);
    if (found.length > 1)
      return notice(
        `${found.length} clusters are called something like “${wanted}”`,
        found
          .slice(0, MAX_CHOICES)
          .map((cluster) => `${cluster.name} in ${cluster.resourceGroup}, subscription ${cluster.subscriptionId}`),
        found
          .slice(0, MAX_CHOICES)
          .map((cluster) => button(`${cluster.name} (${cluster.resourceGroup})`, `status ${cluster.key}`)),
      );
    const result = await services.clusterResult(only.key);
    if (!result) return notice(`${only.name}: no result is stored yet`, ['The next scan will have one.']);
    return clusterCard(only, result, services.now(), Number(pageText ?? 1));
  },
};

/** A number behind a cluster is the page of its findings. */
function splitPage(args: string): [string, string?] {
  const match = /^(\S+)\s+(\d{1,3})$/.exec(args.trim());
  return match ? [match[1]!, match[2]!] : [args.trim()];
}

/** @returns the clusters meant by a key, an ARM id, a name, or the beginning of a name: the most exact reading that fits any */
export function findClusters(clusters: readonly FleetCluster[], wanted: string): readonly FleetCluster[] {
  const text = wanted.toLowerCase();
  const readings: ((cluster: FleetCluster) => boolean)[] = [
    (cluster) => cluster.key === text || cluster.id === text,
    (cluster) => cluster.name.toLowerCase() === text,
    (cluster) => cluster.name.toLowerCase().startsWith(text),
  ];
  for (const reading of readings) {
    const found = clusters.filter(reading);
    if (found.length > 0) return found;
  }
  return [];
}

function notFound(clusters: readonly FleetCluster[], wanted: string) {
  const near = clusters
    .map((cluster) => ({
      cluster,
      distance: editDistance(cluster.name.toLowerCase(), wanted.toLowerCase().slice(0, 64)),
    }))
    .filter(({ distance }) => distance <= 4)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ cluster }) => cluster);
  return notice(
    `There is no cluster called “${wanted.slice(0, 80)}”`,
    near.length > 0 ? ['Did you mean one of these?'] : ['`status` without a name shows the fleet.'],
    near.map((cluster) => button(cluster.name, `status ${cluster.key}`)),
  );
}

/** Levenshtein distance, for names a typo away. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
