// The words of a change of reach: which object, what it reaches or is reached from, and what changed that.
import { listed } from '../model/listed.ts';
import type { ReachCause, ReachChange, ReachStory } from '../network/index.ts';
import { isPortsAlone, portWords } from '../network/index.ts';

/** `1 namespace`, `2 namespaces` */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** @param workload `NAMESPACE/NAME[Kind]` @returns `NAMESPACE/NAME` */
export const workloadName = (workload: string): string => workload.replace(/\[[^\]]*\]$/, '');

/** @returns the subject of a story: a namespace that changed; a policy, or the one workload that it changed; else where nothing tells */
export function objectOf({ cause, changes }: ReachStory): string {
  const { workload } = changes[0]!;
  if ('namespace' in cause) return `namespace/${cause.namespace}`;
  if (changes.every((change) => change.workload === workload)) return `workload/${workload}`;
  if (cause.kind === 'policies') return `policy/${cause.policies[0]!.name}`;
  return `namespace/${workload.slice(0, workload.indexOf('/'))}`;
}

const verbs = {
  ingress: { now: 'is reachable from ', never: 'is no longer reachable from ', also: 'from ', from: 'no longer from ' },
  egress: { now: 'reaches ', never: 'no longer reaches ', also: '', from: 'no longer ' },
} as const;

/**
 * @param most how many names are told of each kind; 0: none
 * @returns the words after the name of the workload: `is reachable from 2 namespaces (was 1): media`
 */
export function reachOf(change: ReachChange, most: number): string {
  const { direction, before, after, gained, lost, internet } = change;
  if (isPortsAlone(change)) return portsOf(change);
  const { now, never, also, from } = verbs[direction];
  const opened = gained.length > 0 && most > 0 ? `: ${listed(gained, most)}` : '';
  const closed = lost.length > 0 && most > 0 ? `, ${from}${listed(lost, most)}` : '';
  const namespaces = `${count(after, 'namespace')} (was ${before})${opened}${closed}`;
  const isInternetAlone = gained.length + lost.length === 0;
  if (internet === 'gained') return `${now}the internet${isInternetAlone ? '' : ` and ${also}${namespaces}`}`;
  if (internet === 'lost') return `${never}the internet${isInternetAlone ? '' : `, and ${now}${namespaces}`}`;
  return `${now}${namespaces}`;
}

/** @returns of the same namespaces, or of the internet, on which ports now: `is reachable on every port (was TCP 5432) from 2 namespaces` */
function portsOf({ direction, after, ports }: ReachChange): string {
  const ends = [
    { change: ports?.pods, end: count(after, 'namespace') },
    { change: ports?.internet, end: 'the internet' },
  ].flatMap(({ change, end }) => {
    if (!change) return [];
    const on = `on ${portWords(change.after)} (was ${portWords(change.before)})`;
    return [direction === 'ingress' ? `${on} from ${end}` : `${end} ${on}`];
  });
  return `${direction === 'ingress' ? 'is reachable' : 'reaches'} ${ends.join(', and ')}`;
}

const MOST_POLICIES = 3;

/** @param workload the policies of its own namespace are told without it @returns the end of the headline; empty where nothing tells */
export function causeOf(cause: ReachCause, workload: string): string {
  if (cause.kind === 'untold') return '';
  if (cause.kind !== 'policies') return `; by ${namespaceWords[cause.kind]} ${cause.namespace}`;
  const home = workload.slice(0, workload.indexOf('/') + 1);
  const names = cause.policies.map(({ name, how, ports }) => {
    const near = name.startsWith(home) ? name.slice(home.length) : name;
    const noun = ports.includes(', ') ? 'ports' : 'port';
    return `${policyWords[how]}${near.replace(/\[(.*)\]$/, ' ($1)')}${ports && `, ${noun} ${ports}`}`;
  });
  return `; by ${listed(names, MOST_POLICIES)}`;
}

const policyWords = { new: 'the new ', changed: '', left: 'leaving ', gone: 'the removal of ' } as const;
const namespaceWords = {
  labels: 'the labels of namespace',
  new: 'the new namespace',
  workloads: 'what runs in namespace',
} as const;
