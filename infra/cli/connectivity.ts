// `npm run connectivity`: who can reach whom, by the manifests in a folder.
import { parseArgs } from 'node:util';
import type { Connectivity, EngineProfile } from '../../shared/network/index.ts';
import {
  compile,
  connectionsOf,
  dependsOnRunTime,
  diff,
  explain,
  findWorkload,
  formatConnection,
  formatDifference,
  parseObjects,
  specification,
  workloadName,
  workloadsOf,
} from '../../shared/network/index.ts';
import { refName } from '../../shared/network/objects.ts';
import { InputError } from './input.ts';
import { readManifests } from './manifests.ts';
import { printable } from './table.ts';

const usage = `Usage: npm run --silent connectivity -- DIR [options]

Prints one line a connection that the manifests in DIR allow: SRC => DST : CONNECTIONS.

  --format txt|json      (txt)
  --engine azure|calico|cilium
                         what enforces the policies (calico: as the specification says)
  --explain SRC DST      why one workload may or may not reach another
  --against OTHER_DIR    what changed since the earlier state in OTHER_DIR: + gained, - lost,
                         ~ other ports than before (the line has the ports of now; json has both)
  --help                 this text

Exit: 0, or 2 when the input cannot be used. Standard error names the policies that cannot be understood or do
nothing, and counts the kinds that were skipped and the workloads of which only run time decides some connections
(names, requests): these are in no line. json counts them as runTimeWorkloads.
`;

interface Options {
  readonly dir: string;
  readonly format: 'txt' | 'json';
  readonly profile: EngineProfile;
  readonly explain: readonly [string, string] | undefined;
  readonly against: string | undefined;
}

function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'txt' },
      engine: { type: 'string' },
      explain: { type: 'boolean', default: false },
      against: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [dir, source, destination, ...more] = positionals;
  if (dir === undefined) throw new InputError('DIR is missing: the folder with the manifests');
  if (values.explain && (source === undefined || destination === undefined))
    throw new InputError('--explain takes two workloads: SRC DST');
  const extra = values.explain ? more : positionals.slice(1);
  if (extra.length > 0) throw new InputError(`${extra[0]} is one argument too many`);
  const { format, engine } = values;
  if (format !== 'txt' && format !== 'json') throw new InputError(`--format takes txt or json, not ${format}`);
  if (engine !== undefined && engine !== 'azure' && engine !== 'calico' && engine !== 'cilium')
    throw new InputError(`--engine takes azure, calico or cilium, not ${engine}`);
  if (values.explain && values.against !== undefined)
    throw new InputError('--explain and --against do not go together');
  const pair = values.explain ? ([source!, destination!] as const) : undefined;
  return { dir, format, profile: engine ? { engine } : specification, explain: pair, against: values.against };
}

function load(dir: string, profile: EngineProfile): Connectivity {
  const { objects, skipped } = parseObjects(readManifests(dir));
  const say = (text: string): void => void process.stderr.write(`${printable(text)}\n`);
  for (const { ref, path, message } of objects.problems)
    say(`${dir}: ${refName(ref)} is left out, ${path}: ${message}`);
  if (skipped.size > 0) {
    const kinds = [...skipped].map(([kind, count]) => `${count} ${kind}`).join(', ');
    say(`${dir}: skipped, not about network policy: ${kinds}`);
  }
  const net = compile(objects, profile);
  for (const { ref, reason } of net.inert) say(`${dir}: ${refName(ref)} does nothing: ${reason}`);
  const count = countRunTime(net);
  if (count > 0)
    say(
      `${dir}: ${count} ${count === 1 ? 'workload has' : 'workloads have'} connections that only run time decides (names, requests)`,
    );
  return net;
}

/** @returns how many workloads may have other connections than those shown */
const countRunTime = (net: Connectivity): number =>
  workloadsOf(net).filter((workload) => dependsOnRunTime(net, workload)).length;

function explainPair(
  net: Connectivity,
  [source, destination]: readonly [string, string],
  format: Options['format'],
): string {
  const [from, to] = [source, destination].map((wanted) => {
    const found = findWorkload(net, wanted);
    if (found.length === 1) return found[0]!;
    throw new InputError(
      found.length === 0
        ? `There is no workload ${wanted}`
        : `${wanted} could be ${found.map(workloadName).join(' or ')}`,
    );
  });
  const { allowed, runTime, sentences } = explain(net, from!, to!);
  if (format === 'json')
    return JSON.stringify(
      { source: workloadName(from!), destination: workloadName(to!), allowed, runTime, because: sentences },
      null,
      2,
    );
  return [`${workloadName(from!)} => ${workloadName(to!)} : ${allowed}`, ...sentences].join('\n');
}

function render({ dir, format, profile, explain: pair, against }: Options): string {
  const net = load(dir, profile);
  if (pair) return explainPair(net, pair, format);
  if (against !== undefined) {
    const differences = diff(load(against, profile), net);
    return format === 'json' ? JSON.stringify(differences, null, 2) : differences.map(formatDifference).join('\n');
  }
  const connections = connectionsOf(net);
  return format === 'json'
    ? JSON.stringify({ connections, runTimeWorkloads: countRunTime(net) }, null, 2)
    : connections.map(formatConnection).join('\n');
}

try {
  const options = parseOptions(process.argv.slice(2));
  const text = options === 'help' ? usage.trimEnd() : render(options);
  if (text !== '') process.stdout.write(`${text}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nSee --help.\n`);
  process.exitCode = 2;
}
