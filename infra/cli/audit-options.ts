// The options of `npm run audit`.
import { parseArgs } from 'node:util';
import type { Told } from './folder-engine.ts';
import { InputError } from './input.ts';

export const usage = `Usage: npm run --silent audit -- --clusters FILE [--manifests CLUSTER=DIR ...]
       npm run --silent audit -- --manifests DIR [--engine ENGINE]

Judges AKS clusters by the rules. FILE is what \`az aks list -o json\` prints, or
an answer of ARM or of Azure Resource Graph with whole clusters, or several of
them in one file; - reads standard input. CLUSTER is the name or the ARM id of
one of them, and DIR a folder of its manifests: YAML or JSON, as in a repository
or as kubectl prints them. Without --clusters, the folder alone is judged as one
cluster.

  --engine azure|calico|cilium
               what enforces the policies of a folder alone. Without it, what
               runs there or the kinds of the objects tell; else it is judged by
               what the NetworkPolicy specification says
  --now ISO    the moment to judge dates by (default: now)
  --format table|json|sarif|csv
               how to print it (default: table)
  --fail-on low|medium|high|unknown|never
               exit with 1 when a failure is at least this severe (default:
               high). unknown: high, and also when something could not be
               judged. Another severity may stand beside it: low,unknown
  --strict     fail when something was left out: a document, a policy, further
               pages
  --help       this text

Exit: 0 all in order; 1 what --fail-on names was found; 2 the input cannot be
used, holds nothing to judge, or (--strict) a part of it was left out. Standard
error names what was left out.
`;

const severities = ['low', 'medium', 'high'] as const;

export interface FailOn {
  /** The least severe failure that counts; undefined: none counts. */
  readonly severity: (typeof severities)[number] | undefined;
  readonly unknown: boolean;
}

const formats = ['table', 'json', 'sarif', 'csv'] as const;
const engines: readonly Told[] = ['azure', 'calico', 'cilium'];

export interface AuditOptions {
  /** undefined: the folder alone is judged. */
  readonly clusters: string | undefined;
  /** Folders by cluster; the folder alone stands under no name. */
  readonly manifests: readonly { readonly cluster: string; readonly dir: string }[];
  /** What --engine names, for a folder alone. */
  readonly engine: Told | undefined;
  readonly now: Date;
  readonly format: (typeof formats)[number];
  readonly failOn: FailOn;
  readonly strict: boolean;
}

/** @throws InputError, or a TypeError of node:util that names the option */
export function parseOptions(args: readonly string[]): AuditOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      clusters: { type: 'string' },
      manifests: { type: 'string', multiple: true, default: [] },
      engine: { type: 'string' },
      now: { type: 'string' },
      format: { type: 'string', default: 'table' },
      'fail-on': { type: 'string', default: 'high' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { clusters, engine } = values;
  if (clusters === undefined && values.manifests.length === 0)
    throw new InputError('--clusters FILE is missing, or --manifests DIR for a folder alone');
  if (clusters === undefined && values.manifests.length > 1)
    throw new InputError('--manifests takes one folder when there is no --clusters');
  if (clusters !== undefined && engine !== undefined)
    throw new InputError('--engine is for a folder alone: beside --clusters the clusters tell their engine');
  const now = values.now === undefined ? new Date() : new Date(values.now);
  if (Number.isNaN(now.getTime()))
    throw new InputError(`--now takes a moment like 2026-11-21T10:00:00Z, not ${values.now}`);
  return {
    clusters,
    manifests: values.manifests.map((value) => (clusters === undefined ? { cluster: '', dir: value } : split(value))),
    engine: engine === undefined ? undefined : oneOf('--engine', engines, engine),
    now,
    format: oneOf('--format', formats, values.format),
    failOn: toFailOn(values['fail-on']),
    strict: values.strict,
  };
}

function split(value: string): { cluster: string; dir: string } {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1)
    throw new InputError(`--manifests takes CLUSTER=DIR beside --clusters, not ${value}`);
  return { cluster: value.slice(0, at), dir: value.slice(at + 1) };
}

/** @param value `high`, `unknown`, `low,unknown` or `never` */
function toFailOn(value: string): FailOn {
  if (value === 'never') return { severity: undefined, unknown: false };
  const words = value.split(',');
  const levels = words.filter((word) => word !== 'unknown');
  const [level = 'high', ...more] = levels;
  if (more.length > 0)
    throw new InputError(`--fail-on takes one severity, and unknown beside it: high,unknown; not ${value}`);
  const severity = severities.find((known) => known === level);
  if (severity === undefined) throw new InputError(`--fail-on takes low, medium, high, unknown or never, not ${level}`);
  return { severity, unknown: words.length > levels.length };
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find((item) => item === value);
  if (found === undefined) throw new InputError(`${option} takes ${known.join(', ')}, not ${value}`);
  return found;
}
