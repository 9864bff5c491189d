// The tags of a cluster that the whole fleet is held with: a bounded number of characters, so that the owners of one cluster cannot fill the memory of all.

/**
 * Azure allows 50 tags of 512 + 256 characters (Use tags to organize your Azure resources, learn.microsoft.com/azure/azure-resource-manager):
 * 38,400 a cluster, 768 MB for 20,000. What people filter, route and group by is short.
 */
export const KEPT_TAG_CHARS = 2_048;

export interface KeptTags {
  readonly tags: Readonly<Record<string, string>>;
  /** How many more the cluster has; absent when these are all. */
  readonly tagsLeftOut?: number;
}

/**
 * @param all every tag of a cluster, as its result holds them; exemptions are read from all of them
 * @returns the shortest tags that fit, names and values counted, in their own order: what the lines of the fleet, drift events and alerts
 *   carry, and so what filters and routes see
 */
export function keptTags(all: Readonly<Record<string, string>>): KeptTags {
  const entries = Object.entries(all);
  const length = ([name, value]: readonly [string, string]): number => name.length + value.length;
  let left = KEPT_TAG_CHARS;
  const kept = new Set<string>();
  for (const entry of entries.toSorted((a, b) => length(a) - length(b))) {
    left -= length(entry);
    if (left < 0) break;
    kept.add(entry[0]);
  }
  if (kept.size === entries.length) return { tags: all };
  return {
    tags: Object.fromEntries(entries.filter(([name]) => kept.has(name))),
    tagsLeftOut: entries.length - kept.size,
  };
}
