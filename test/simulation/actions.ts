// What people, Azure and bad luck do during a run: one row an action.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { MemoryEstate, MemorySubscription } from '../support/estate.ts';
import { addCluster, shapes } from './estate.ts';
import type { Asked } from './asked.ts';
import type { Doors } from './doors.ts';
import type { Host } from './host.ts';
import { CONVERSATIONS } from './people.ts';
import type { Insides } from './inside.ts';
import type { Random } from './random.ts';
import type { Teams } from './teams.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

export interface Stage {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly weather: Weather;
  readonly host: Host;
  readonly teams: Teams;
  readonly estate: MemoryEstate;
  readonly insides: Insides;
  readonly doors: Doors;
  readonly asked: Asked;
  /** Says that a law is broken, and how. */
  readonly broken: (what: string) => void;
}

export interface Action {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Only where things may go wrong. */
  readonly mishap?: boolean;
  /** @returns what it was done to, for the trace; undefined when there was nothing to do it to */
  readonly act: (stage: Stage) => string | undefined;
}

export const MINUTE_MS = 60_000;

/** Changes one cluster picked by chance. */
export const onCluster =
  (change: (cluster: Cluster, subscription: MemorySubscription, stage: Stage) => string) =>
  (stage: Stage): string | undefined => {
    const all = [...stage.estate.values()].flatMap((s) => [...s.clusters.values()].map((c) => [c, s] as const));
    if (all.length === 0) return undefined;
    const [cluster, subscription] = stage.random.pick(all);
    return `${cluster.name}: ${change(cluster, subscription, stage)}`;
  };

const onSubscription =
  (change: (subscription: MemorySubscription) => string) =>
  (stage: Stage): string => {
    const [id, subscription] = stage.random.pick([...stage.estate]);
    return `${id}: ${change(subscription)}`;
  };

function outage(what: keyof Weather['outUntil'], mostMinutes: number): Action['act'] {
  return ({ weather, random, timeline }) => {
    const minutes = random.whole(1, mostMinutes);
    weather.outUntil[what] = timeline.now() + minutes * MINUTE_MS;
    return `${what} for ${minutes} minutes`;
  };
}

export const actions: readonly Action[] = [
  {
    name: 'the engine of a cluster is changed',
    weight: 10,
    act: onCluster((cluster, { clusters }, { random }) => {
      const shape = random.pick(Object.keys(shapes));
      clusters.set(cluster.name, { ...shapes[shape]!(cluster), provisioning: cluster.provisioning! });
      return shape;
    }),
  },
  {
    name: 'an operation on a cluster starts or ends',
    weight: 5,
    act: onCluster((cluster, { clusters }) => {
      const provisioning = cluster.provisioning === 'succeeded' ? 'updating' : 'succeeded';
      clusters.set(cluster.name, { ...cluster, provisioning });
      return provisioning;
    }),
  },
  {
    name: 'a cluster is created',
    weight: 2,
    act: ({ estate, random }) => {
      const name = `c${random.whole(0, 7)}`;
      if ([...estate.values()].some(({ clusters }) => clusters.has(name))) return undefined;
      return `${name} in ${addCluster(estate, random, name)}`;
    },
  },
  {
    name: 'a cluster is deleted',
    weight: 2,
    act: onCluster((cluster, { clusters }) => {
      clusters.delete(cluster.name);
      return 'gone';
    }),
  },
  {
    name: 'a list leaves a cluster out or shows it again',
    weight: 3,
    act: onCluster(({ name }, { unlisted }) => {
      if (unlisted?.delete(name)) return 'listed';
      unlisted?.add(name);
      return 'not listed';
    }),
  },
  {
    name: 'a cluster alone loses or regains its role',
    weight: 2,
    act: onCluster(({ name }, { refused }) => {
      if (refused?.delete(name)) return 'readable';
      refused?.add(name);
      return 'refused';
    }),
  },
  {
    name: 'a subscription loses or regains its role',
    weight: 4,
    act: onSubscription((subscription) => {
      subscription.unreadable = subscription.unreadable ? undefined : 'AuthorizationFailed';
      return subscription.unreadable ?? 'readable';
    }),
  },
  {
    name: 'a subscription leaves or enters the list',
    weight: 2,
    act: onSubscription((subscription) => {
      subscription.hidden = !subscription.hidden;
      return subscription.hidden ? 'hidden' : 'listed';
    }),
  },
  {
    name: 'a conversation is deleted',
    weight: 1,
    act: ({ teams, random }) => {
      const id = random.pick(CONVERSATIONS);
      return teams.open.delete(id) ? id : undefined;
    },
  },
  { name: 'storage fails', weight: 2, mishap: true, act: outage('storage', 40) },
  { name: 'ARM fails', weight: 2, mishap: true, act: outage('arm', 60) },
  { name: 'Teams fails', weight: 2, mishap: true, act: outage('teams', 180) },
  { name: 'timers stop', weight: 1, mishap: true, act: outage('timers', 180) },
  {
    name: 'an instance dies',
    weight: 3,
    mishap: true,
    act: ({ host }) => {
      host.crash();
      return 'killed';
    },
  },
  {
    name: 'nothing runs for a while',
    weight: 1,
    mishap: true,
    act: ({ timeline, random, host }) => {
      const minutes = Math.round(random.magnitude(5, 26 * 60));
      if (random.chance(0.5)) host.crash();
      timeline.skip(minutes * MINUTE_MS);
      return `${minutes} minutes`;
    },
  },
];
