// Courses: what goes on for a while in several steps, there and back, as it does where people work.
import type { Cluster } from '../../shared/model/cluster.ts';
import { withoutEngine } from '../support/estate.ts';
import type { Action, Stage } from './actions.ts';
import { MINUTE_MS, onCluster } from './actions.ts';
import { CONVERSATIONS, silence } from './people.ts';

/** Does the next step after some minutes, as long as there is weather. */
function later({ timeline, weather }: Stage, minutes: number, step: () => void): void {
  timeline.at(timeline.now() + minutes * MINUTE_MS, () => {
    if (!weather.isClear()) step();
  });
}

/** From less than a scan to a night. */
const aWhile = ({ random }: Stage): number => Math.round(random.magnitude(10, 600));

/** Changes a cluster for a while; what else became of it meanwhile stays. */
const forAWhile = (change: (cluster: Cluster) => Cluster, back: (now: Cluster, before: Cluster) => Cluster) =>
  onCluster((before, { clusters }, stage) => {
    const minutes = aWhile(stage);
    clusters.set(before.name, change(before));
    later(stage, minutes, () => {
      const now = clusters.get(before.name);
      if (now) clusters.set(before.name, back(now, before));
    });
    return `for ${minutes} minutes`;
  });

/** Off and on again by turns, a scan or so apart; off at last. */
function flap(stage: Stage, { name }: Cluster, clusters: Map<string, Cluster>, turns: number): void {
  const now = clusters.get(name);
  if (!now) return;
  const off = turns % 2 === 1;
  clusters.set(name, off ? withoutEngine(now) : withEngine(now));
  if (turns > 1) later(stage, stage.random.whole(20, 70), () => flap(stage, now, clusters, turns - 1));
}

const withEngine = (cluster: Cluster): Cluster => ({
  ...cluster,
  network: { ...cluster.network!, plugin: 'azure', policy: 'cilium', dataplane: 'cilium' },
});

/** Something about the inside of a cluster is so for a while. */
const insideAWhile = (what: 'shut' | 'withheld') =>
  onCluster(({ id }, _subscription, stage) => {
    const minutes = aWhile(stage);
    stage.insides[what].add(id);
    later(stage, minutes, () => stage.insides[what].delete(id));
    return `for ${minutes} minutes`;
  });

export const courses: readonly Action[] = [
  {
    name: 'an engine is off',
    weight: 4,
    act: forAWhile(withoutEngine, (now, { network }) => ({ ...now, ...(network ? { network } : {}) })),
  },
  {
    name: 'a cluster is stopped',
    weight: 3,
    act: forAWhile(
      (cluster) => ({ ...cluster, power: 'stopped' }),
      (now) => ({ ...now, power: 'running' }),
    ),
  },
  { name: 'an API server lets nobody in', weight: 3, act: insideAWhile('shut') },
  { name: 'the kinds of an engine may not be listed', weight: 3, act: insideAWhile('withheld') },
  {
    name: 'what runs inside a cluster is changed',
    weight: 6,
    act: onCluster(({ id }, _subscription, { insides, random }) => insides.change(id, random)),
  },
  {
    name: 'a failure flaps under a silence',
    weight: 3,
    act: onCluster((cluster, { clusters }, stage) => {
      const until = silence(stage, cluster.name, stage.random.whole(45, 240));
      later(stage, 3, () => flap(stage, cluster, clusters, stage.random.whole(1, 5)));
      return until;
    }),
  },
  {
    name: 'the bot is blocked in a conversation, and back when somebody writes there',
    weight: 2,
    act: (stage) => {
      const { teams, host, random } = stage;
      const id = random.pick(CONVERSATIONS);
      if (!teams.open.has(id)) return undefined;
      const minutes = aWhile(stage);
      teams.open.delete(id);
      later(stage, minutes, () => {
        teams.open.add(id);
        host.invoke('activity', ({ botServices }) => botServices.revive(id));
      });
      return `${id} for ${minutes} minutes`;
    },
  },
];
