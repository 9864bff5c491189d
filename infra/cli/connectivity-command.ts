// Who can reach whom, by the manifests in a folder.
import type { Connectivity } from '../../shared/network/index.ts';
import {
  compile,
  connectionsOf,
  dependsOnRunTime,
  diff,
  explainReach,
  findWorkload,
  formatConnection,
  formatDifference,
  specification,
  workloadName,
  workloadsOf,
} from '../../shared/network/index.ts';
import { refName } from '../../shared/network/objects.ts';
import type { Options } from './connectivity-options.ts';
import { parseOptions, usage } from './connectivity-options.ts';
import { openFolder, readFolder } from './folder.ts';
import type { ReadFolder } from './folder.ts';
import type { FolderEngine } from './folder-engine.ts';
import { engineOfFolders } from './folder-engine.ts';
import { InputError } from './input.ts';
import type { Io } from './program.ts';
import { command } from './program.ts';
import { countUncounted, uncountedSentences } from './uncounted.ts';

/** A folder under its engine. */
interface State {
  readonly net: Connectivity;
  readonly engine: FolderEngine;
  readonly leftOut: number;
}

export const connectivity = command((args, io) => {
  const options = parseOptions(args);
  if (options === 'help') {
    io.out(usage);
    return 0;
  }
  const { dir, against, strict } = options;
  const folders = [dir, ...(against === undefined ? [] : [against])].map(readFolder);
  const engine = engineOfFolders(options.engine, folders);
  io.say(`${dir}: ${engine.because}.`);
  const [now, before] = folders.map((folder) => load(folder, engine, io));
  const text = before ? renderDifference(before.net, now!.net, options) : render(now!, options);
  if (text !== '') io.out(`${text}\n`);
  const leftOut = now!.leftOut + (before?.leftOut ?? 0);
  if (!strict || leftOut === 0) return 0;
  io.say(`--strict: ${leftOut} ${leftOut === 1 ? 'part of the input was' : 'parts of the input were'} left out.`);
  return 2;
});

function load(folder: ReadFolder, engine: FolderEngine, io: Io): State {
  const { objects, leftOut } = openFolder(folder, engine, io.say);
  // With policies of several engines, none of them can be said to do nothing.
  const known = engine.isMixed ? { ...objects, foreignPolicies: [] } : objects;
  const net = compile(known, engine.engine ? { engine: engine.engine } : specification);
  const say = (text: string): void => io.say(`${folder.dir}: ${text}`);
  for (const { ref, reason } of net.inert) say(`${refName(ref)} does nothing: ${reason}`);
  for (const sentence of uncountedSentences(countUncounted(net))) say(sentence);
  const count = countRunTime(net);
  const who = count === 1 ? '1 workload has' : `${count} workloads have`;
  if (count > 0) say(`${who} connections that are decided only at run time (names, requests)`);
  if (workloadsOf(net).length === 0) say('it holds no pod and no workload that a policy could govern');
  return { net, engine, leftOut };
}

/** @returns how many workloads may have connections other than those shown */
const countRunTime = (net: Connectivity): number =>
  workloadsOf(net).filter((workload) => dependsOnRunTime(net, workload)).length;

function render({ net, engine, leftOut }: State, { dir, explain: pair, format }: Options): string {
  if (workloadsOf(net).length === 0)
    throw new InputError(`${dir}: there is nothing to show. Give the manifests of the workloads beside their policies`);
  if (pair) return explainPair(net, pair, format);
  const connections = connectionsOf(net);
  if (format === 'txt') return connections.map(formatConnection).join('\n');
  return pretty({
    engine: engine.engine ?? 'specification',
    engineAssumed: engine.isAssumed,
    connections,
    leftOut,
    runTimeWorkloads: countRunTime(net),
    ...countUncounted(net),
  });
}

function renderDifference(before: Connectivity, now: Connectivity, { format }: Options): string {
  const differences = diff(before, now);
  return format === 'json' ? pretty(differences) : differences.map(formatDifference).join('\n');
}

function explainPair(net: Connectivity, pair: readonly [string, string], format: Options['format']): string {
  const [from, to] = pair.map((wanted) => {
    const found = findWorkload(net, wanted);
    if (found.length === 1) return found[0]!;
    throw new InputError(
      found.length === 0
        ? `There is no workload ${wanted}`
        : `${wanted} could be ${found.map(workloadName).join(' or ')}`,
    );
  });
  const { allowed, runTime, sentences } = explainReach(net, from!, to!);
  const [source, destination] = [workloadName(from!), workloadName(to!)];
  if (format === 'json') return pretty({ source, destination, allowed, runTime, because: sentences });
  return [`${source} => ${destination} : ${allowed}`, ...sentences].join('\n');
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);
