// Which cluster a person means: a key, an id, a name, its beginning, or a name a typo away.
import type { FleetCluster } from '../../model/fleet.ts';
import type { CardMessage } from '../../ports.ts';
import { button, usable } from '../cards/parts/elements.ts';
import { notice } from '../cards/notice.ts';
import type { BotServices } from '../bot-services.ts';
import { nearest, quote } from './typed.ts';

const MAX_CHOICES = 5;

export type Picked = { readonly cluster: FleetCluster } | { readonly reply: CardMessage };

/**
 * @param wanted as typed @param again makes the command to run, from the key of the cluster that turns out to be meant
 * @returns the cluster, or the card that asks which one
 */
export async function pickCluster(
  { fleet: readFleet }: Pick<BotServices, 'fleet'>,
  wanted: string,
  again: (key: string) => string,
): Promise<Picked> {
  const fleet = await readFleet();
  if (!fleet)
    return { reply: notice('No scan has finished yet', ['The first one is on its way; ask again in a minute.']) };
  const found = findClusters(fleet.clusters, wanted);
  const [cluster] = found;
  if (!cluster) return { reply: notFound(fleet.clusters, wanted, again) };
  if (found.length === 1) return { cluster };
  const choices = found.slice(0, MAX_CHOICES);
  return {
    reply: notice(
      `${found.length} clusters are called something like ${quote(wanted)}`,
      choices.map(
        ({ name, resourceGroup, subscriptionId }) => `${name} in ${resourceGroup}, subscription ${subscriptionId}`,
      ),
      usable(choices.map(({ name, resourceGroup, key }) => button(`${name} (${resourceGroup})`, again(key)))),
    ),
  };
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

function notFound(clusters: readonly FleetCluster[], wanted: string, again: (key: string) => string): CardMessage {
  const near = nearest(clusters, wanted, ({ name }) => name);
  return notice(
    `There is no cluster called ${quote(wanted)}`,
    near.length > 0 ? ['Did you mean one of these?'] : ['“status” without a name shows the fleet.'],
    usable(near.map((cluster) => button(cluster.name, again(cluster.key)))),
  );
}
