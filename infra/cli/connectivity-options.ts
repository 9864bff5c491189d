// The options of `npm run connectivity`.
import { parseArgs } from 'node:util';
import type { Told } from './folder-engine.ts';
import { InputError } from './input.ts';

export const usage = `Usage: npm run --silent connectivity -- DIR [options]

Prints one line for each connection that the manifests in DIR allow:
SRC => DST : CONNECTIONS.

  --format txt|json
               (txt)
  --engine azure|calico|cilium
               what enforces the policies. Without it, what runs there or the
               kinds of the objects tell; else it is judged by what the
               NetworkPolicy specification says
  --explain SRC DST
               why one workload may or may not reach another
  --against OTHER_DIR
               what changed since the earlier state in OTHER_DIR: + gained,
               - lost, ~ other ports than before (the line shows the ports of
               DIR; json has both)
  --strict     fail when something was left out
  --help       this text

Exit: 0, or 2 when the input cannot be used, holds no workload, or (--strict) a
part of it was left out.

Standard error says first which engine is assumed, then names the documents and
policies that were left out and the policies that do nothing. It counts what is
in no line: kinds that were skipped, pods on the network of their node, finished
pods, and workloads with connections that are decided only at run time (names,
requests). json has the counts of pods and workloads too. Pods of a template
have no address yet: an ipBlock is taken to match them only if it covers every
address.
`;

export interface Options {
  readonly dir: string;
  readonly format: 'txt' | 'json';
  readonly engine: Told | undefined;
  readonly explain: readonly [string, string] | undefined;
  readonly against: string | undefined;
  readonly strict: boolean;
}

/** @throws InputError, or a TypeError of node:util that names the option */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'txt' },
      engine: { type: 'string' },
      explain: { type: 'boolean', default: false },
      against: { type: 'string' },
      strict: { type: 'boolean', default: false },
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
  const { format, engine, against, strict } = values;
  if (format !== 'txt' && format !== 'json') throw new InputError(`--format takes txt or json, not ${format}`);
  if (engine !== undefined && engine !== 'azure' && engine !== 'calico' && engine !== 'cilium')
    throw new InputError(`--engine takes azure, calico or cilium, not ${engine}`);
  if (values.explain && against !== undefined) throw new InputError('--explain and --against do not go together');
  const pair = values.explain ? ([source!, destination!] as const) : undefined;
  return { dir, format, engine, explain: pair, against, strict };
}
