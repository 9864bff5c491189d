// The options of `npm run audit`.
import { parseArgs } from 'node:util';
import { InputError } from './input.ts';

export const usage = `Usage: npm run --silent audit -- --clusters FILE [--manifests CLUSTER=DIR ...] [options]
       npm run --silent audit -- --manifests DIR [--engine ENGINE] [options]

Judges AKS clusters by the rules. FILE is what \`az aks list -o json\` prints, or what ARM returns
(an array, {"value":[...]}, or one cluster); - reads standard input. CLUSTER is the name or the ARM id of one
of them, and DIR a folder of its manifests: YAML or JSON, as in a repository or as kubectl prints them.
Without --clusters, the folder alone is judged as one cluster.

  --engine azure|calico|cilium
                         what enforces the policies of a folder alone (calico: as the specification says)
  --now ISO              the moment to judge dates by (now)
  --format table|json|sarif|csv
                         (table)
  --fail-on low|medium|high|never
                         exit with 1 when a failure is at least this severe (high)
  --help                 this text

Exit: 0 in order, 1 a failure at or above --fail-on, 2 the input cannot be used.
`;

const thresholds = ['low', 'medium', 'high', 'never'] as const;
export type Threshold = (typeof thresholds)[number];
const formats = ['table', 'json', 'sarif', 'csv'] as const;
const engines = ['azure', 'calico', 'cilium'] as const;

export interface AuditOptions {
  /** undefined: the folder alone is judged. */
  readonly clusters: string | undefined;
  /** Folders by cluster; the folder alone stands under no name. */
  readonly manifests: readonly { readonly cluster: string; readonly dir: string }[];
  readonly engine: (typeof engines)[number];
  readonly now: Date;
  readonly format: (typeof formats)[number];
  readonly failOn: Threshold;
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
    engine: oneOf('--engine', engines, engine ?? 'calico'),
    now,
    format: oneOf('--format', formats, values.format),
    failOn: oneOf('--fail-on', thresholds, values['fail-on']),
  };
}

function split(value: string): { cluster: string; dir: string } {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1)
    throw new InputError(`--manifests takes CLUSTER=DIR beside --clusters, not ${value}`);
  return { cluster: value.slice(0, at), dir: value.slice(at + 1) };
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find((item) => item === value);
  if (found === undefined) throw new InputError(`${option} takes ${known.join(', ')}, not ${value}`);
  return found;
}
