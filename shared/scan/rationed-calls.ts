// Which clusters Azure may be asked about in this scan, where it rations the calls: their messages wait in the queue for their turn.
import type { Cluster } from '../model/cluster.ts';
import { clusterKey } from '../model/keys.ts';
import type { Scan } from '../model/scan.ts';
import type { Wish } from '../model/turns.ts';
import type { Answered, RationedCall } from '../store/rations.ts';
import { forgetAnswered, listAnswered, rationedCalls, reserveTurns } from '../store/rations.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';
import type { AuditMessage } from './messages.ts';

/** What is known already is asked again only where the turn comes within this time: no scan waits long for what it can do without. */
const REFRESH_WITHIN_MS = minutes(2);
/** An answer that did not change is written again when it is older than this: the order of the next turns depends on its age. */
const KEPT_MS = minutes(60);
/** Whose turn comes later than this before the deadline could not be read in time. */
const READING_MS = minutes(3);

/** A cluster to audit, with what is to be known of it before it is asked about. */
export interface Found {
  readonly message: AuditMessage;
  /** Absent where there is only its id. */
  readonly cluster?: Cluster;
}

export interface Planned {
  readonly message: AuditMessage;
  /** Not before this moment; absent: at once. */
  readonly at?: Date;
}

export interface CallPlan {
  /** @returns the messages with the turns that they have, in the same order */
  plan(page: readonly Found[]): Promise<readonly Planned[]>;
  /** Forgets what was known of clusters that are no more. @param seen the keys of those that are */
  forgetOthers(seen: ReadonlySet<string>): Promise<void>;
}

/**
 * Reserves the turns of one subscription for one scan: first for what was asked longest ago, then, as they are found, for clusters
 * of which nothing is known yet.
 * @throws when storage fails
 */
export async function planCalls(ctx: ScanContext, scan: Scan, subscriptionId: string): Promise<CallPlan> {
  const table = ctx.tables.Fleet;
  const known: Answered[] = [];
  for await (const answered of listAnswered(table, subscriptionId)) known.push(answered);
  const has = new Set(known.map(({ key, call }) => `${key}~${call}`));
  const refreshes = await planRefreshes(ctx, subscriptionId, known);
  const latest = new Date(scan.deadline).getTime() - READING_MS;

  /** The calls without which the cluster could not be judged in full. */
  const missing = (cluster: Cluster): readonly RationedCall[] => {
    const key = clusterKey(cluster.id);
    return rationedCalls.filter(
      (call) => wants(ctx, cluster, call) && !(isKept(cluster, call) && has.has(`${key}~${call}`)),
    );
  };

  return {
    async plan(page) {
      const granted = new Map<Found, Date>();
      const missed = page.flatMap((found) => {
        const calls = found.cluster ? missing(found.cluster) : [];
        return calls.length > 0 ? [{ found, region: found.cluster!.location, calls }] : [];
      });
      for (const [location, group] of Map.groupBy(missed, ({ region }) => region)) {
        const wishes = group.map(({ calls }): Wish => ({ calls: calls.length, until: latest }));
        const starts = await reserveTurns(table, { subscriptionId, location }, wishes, ctx.clock.now());
        for (const [i, { found }] of group.entries()) if (starts[i]) granted.set(found, starts[i]);
      }
      const calls = new Map(missed.map(({ found, calls: those }) => [found, those]));
      return page.map((found) =>
        withTurns(found, granted.get(found), calls.get(found), refreshes.get(clusterKey(found.message.id))),
      );
    },
    async forgetOthers(seen) {
      for (const answered of known) if (!seen.has(answered.key)) await forgetAnswered(table, subscriptionId, answered);
    },
  };
}

function wants({ estate, reader }: ScanContext, cluster: Cluster, call: RationedCall): boolean {
  if (call === 'address') return reader?.needsAddress?.(cluster) ?? false;
  return estate.managedNamespaces !== undefined && !cluster.managedNamespaces;
}

/** The address of a cluster that is read by its local account comes with a secret, and is asked for each time. */
const isKept = (cluster: Cluster, call: RationedCall): boolean => call !== 'address' || cluster.entra;

/** A turn to ask again. */
interface Refresh {
  readonly at: Date;
  readonly kept?: string;
}

/** @returns for each cluster whose managed namespaces are known its turn to be asked again, by its key */
async function planRefreshes(
  ctx: ScanContext,
  subscriptionId: string,
  known: readonly Answered[],
): Promise<ReadonlyMap<string, Refresh>> {
  const turns = new Map<string, Refresh>();
  if (!ctx.estate.managedNamespaces) return turns;
  const namespaces = known.filter(({ call }) => call === 'namespaces');
  for (const [location, group] of Map.groupBy(namespaces, ({ region }) => region)) {
    const longestAgoFirst = group.toSorted((a, b) => a.at.getTime() - b.at.getTime());
    const now = ctx.clock.now();
    const wishes = longestAgoFirst.map((): Wish => ({ calls: 1, until: now.getTime() + REFRESH_WITHIN_MS }));
    const starts = await reserveTurns(ctx.tables.Fleet, { subscriptionId, location }, wishes, now);
    for (const [i, { key, at, digest }] of longestAgoFirst.entries()) {
      const isRecent = now.getTime() - at.getTime() < KEPT_MS;
      if (starts[i]) turns.set(key, { at: starts[i], ...(isRecent ? { kept: digest } : {}) });
    }
  }
  return turns;
}

function withTurns(
  { message }: Found,
  start: Date | undefined,
  calls: readonly RationedCall[] = [],
  refresh: Refresh | undefined,
): Planned {
  const turns = [...(start ? calls : []), ...(refresh ? (['namespaces'] as const) : [])];
  const last = Math.max(start?.getTime() ?? 0, refresh?.at.getTime() ?? 0);
  if (turns.length === 0) return { message };
  return { message: { ...message, turns, ...(refresh?.kept ? { kept: refresh.kept } : {}) }, at: new Date(last) };
}
