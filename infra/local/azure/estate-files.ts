// The simulated estate: ARM bodies in files that a person can edit, read again whenever they change.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface SimulatedSubscription {
  /** As ARM returns it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly folder: string;
  /** Its clusters answer 403, as for an identity without a role on it. */
  readonly unreadable: boolean;
  readonly managementGroup?: string;
}

export interface SimulatedCluster {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly managedNamespaces: readonly unknown[];
  /** Folder of its Kubernetes manifests. */
  readonly manifests: string;
  /** What the identity may not list in it: `pods`, `ciliumnetworkpolicies.cilium.io`, `*.crd.projectcalico.org` or `*`. */
  readonly forbidden: readonly string[];
  /** Its API server takes no connection, as behind a firewall. */
  readonly unreachable: boolean;
}

interface ClusterHints {
  readonly managedNamespaces?: readonly unknown[];
  readonly forbidden?: readonly string[];
  readonly unreachable?: boolean;
}

export interface SimulatedEstate {
  subscriptions(): readonly SimulatedSubscription[];
  clusters(subscriptionId: string): readonly SimulatedCluster[];
}

/**
 * @param dir holds `subscriptions.json` and a folder for each subscription with a `NAME.json` for each cluster
 * @param warn gets a sentence when an edited file cannot be read; the last good version is served meanwhile
 */
export function estateFromFiles(dir: string, warn: (sentence: string) => void): SimulatedEstate {
  const cache = new Map<string, { readonly mtime: number; readonly value: unknown }>();
  const read = (path: string): unknown => {
    const mtime = statSync(path).mtimeMs;
    const cached = cache.get(path);
    if (cached?.mtime === mtime) return cached.value;
    try {
      const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
      cache.set(path, { mtime, value });
      return value;
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      warn(`${path} is not valid JSON (${cause}); ${cached ? 'its last good version is served' : 'it is left out'}.`);
      if (cached) cache.set(path, { mtime, value: cached.value });
      return cached?.value;
    }
  };
  const subscriptions = (): readonly SimulatedSubscription[] => {
    const list = read(join(dir, 'subscriptions.json'));
    return (Array.isArray(list) ? list : []).map((entry: Record<string, unknown>) => {
      const { simulator, ...body } = entry;
      const hints = (simulator ?? {}) as { folder?: string; unreadable?: boolean; managementGroup?: string };
      return {
        body,
        id: String(body['subscriptionId']).toLowerCase(),
        folder: hints.folder ?? String(body['subscriptionId']),
        unreadable: hints.unreadable ?? false,
        ...(hints.managementGroup ? { managementGroup: hints.managementGroup } : {}),
      };
    });
  };
  return {
    subscriptions,
    clusters(subscriptionId) {
      const found = subscriptions().find((subscription) => subscription.id === subscriptionId);
      if (!found) return [];
      const folder = join(dir, found.folder);
      const files = readdirSync(folder, { withFileTypes: true }).filter((e) => e.isFile() && e.name.endsWith('.json'));
      return files
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((file) => {
          const value = read(join(folder, file.name)) as Record<string, unknown> | undefined;
          if (!value) return [];
          return [clusterOf(value, join(folder, file.name.slice(0, -'.json'.length)))];
        });
    },
  };
}

const made = new WeakMap<object, SimulatedCluster>();

/** @returns the very same cluster for the same content, so that whatever depends on it can tell whether it changed */
function clusterOf(value: Readonly<Record<string, unknown>>, manifests: string): SimulatedCluster {
  const known = made.get(value);
  if (known?.manifests === manifests) return known;
  const { simulator, ...body } = value;
  const hints = (simulator ?? {}) as ClusterHints;
  const cluster = {
    id: String(body['id']),
    body,
    managedNamespaces: hints.managedNamespaces ?? [],
    manifests,
    forbidden: hints.forbidden ?? [],
    unreachable: hints.unreachable ?? false,
  };
  made.set(value, cluster);
  return cluster;
}
