// Tags of clusters, by which routes and silences choose: alerts refer to their cluster, whose line in the fleet has them.
import type { Fleet, FleetCluster } from '../model/fleet.ts';

/** @returns the tags of a cluster; undefined when the fleet does not have it */
export type TagsOf = (clusterId: string) => FleetCluster['tags'] | undefined;

const books = new WeakMap<Pick<Fleet, 'clusters'>, TagsOf>();
export const noTags: TagsOf = () => undefined;

/** @returns where to look up the tags of a fleet's clusters: of the same fleet always the same */
export function tagsIn(fleet: Pick<Fleet, 'clusters'> | undefined): TagsOf {
  if (!fleet) return noTags;
  const known = books.get(fleet);
  if (known) return known;
  const tags = new Map(fleet.clusters.map((cluster) => [cluster.id, cluster.tags]));
  const book: TagsOf = (clusterId) => tags.get(clusterId);
  books.set(fleet, book);
  return book;
}
