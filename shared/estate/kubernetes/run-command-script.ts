// The script that a run command executes, and the reading of what it writes: a section a kind, marked by lines that start with `#`.
import type { KindRead } from './collect.ts';
import { Excess } from '../too-much.ts';
import { splitItems } from './items.ts';
import type { ReadKind } from './kinds.ts';
import { readKinds, resourceName } from './kinds.ts';
import type { Meter } from './meter.ts';
import { slimmer } from './slim.ts';

/** One kind in one place. */
export interface Section {
  readonly kind: ReadKind;
  readonly apiVersion: string;
  /** As `kubectl get` and RBAC name it. */
  readonly resource: string;
}

/** A value of a row. `text` as it is; `json` is JSON where the object has it; `values` are JSON values with a space between. */
interface Column {
  readonly path: readonly string[];
  readonly query: string;
  readonly as: 'text' | 'json' | 'values';
}

const column = (path: string, as: Column['as'] = 'text', query = path): Column => ({
  path: path.split('.'),
  query,
  as,
});
const name = [column('metadata.namespace'), column('metadata.name')];
const owners = column('metadata.ownerReferences', 'json');

/** Kinds of which there are many, or whose objects are large: only these fields are written, tabs between. */
const rows: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    ...name,
    column('metadata.labels', 'json'),
    owners,
    column('spec.hostNetwork', 'json'),
    column('spec.nodeName'),
    column('spec.nodeSelector', 'json'),
    column('spec.os', 'json'),
    column('status.phase'),
    column('status.podIP'),
    column('status.podIPs', 'json'),
    column('metadata.deletionTimestamp'),
    column('metadata.deletionGracePeriodSeconds', 'json'),
    column('ports', 'values', 'spec.containers[*].ports[*]'),
    // Init containers that go on running (native sidecars); the others are over when the pod serves.
    column('sidecarPorts', 'values', 'spec.initContainers[?(@.restartPolicy=="Always")].ports[*]'),
  ],
  Node: [
    column('metadata.name'),
    column('metadata.labels', 'json'),
    column('spec.podCIDR'),
    column('spec.podCIDRs', 'json'),
    column('status.addresses', 'json'),
  ],
  Service: [
    ...name,
    column('spec.type'),
    column('spec.selector', 'json'),
    column('spec.externalTrafficPolicy'),
    column('spec.ports', 'json'),
    column('spec.externalIPs', 'json'),
    column('spec.loadBalancerSourceRanges', 'json'),
    column('metadata.annotations', 'json'),
  ],
  DaemonSet: [...name, column('status.desiredNumberScheduled', 'json'), column('status.numberReady', 'json')],
  Job: [...name, owners],
};

/** @returns the sections in the order in which they are written */
export function sectionsOf(): readonly Section[] {
  return readKinds
    .filter(({ directOnly }) => !directOnly)
    .flatMap((kind) =>
      kind.places.map(({ group, versions }) => ({
        kind,
        apiVersion: group === '' ? versions[0]! : `${group}/${versions[0]}`,
        resource: resourceName(kind.resource, group),
      })),
    );
}

/** @returns a script for a POSIX shell with kubectl, gzip and base64 */
export function script(): string {
  const gets = sectionsOf().map(({ kind, resource }, i) => {
    const columns = rows[kind.kind];
    return `get ${i} ${resource} -A -o ${columns ? `jsonpath='${template(columns)}'` : 'json'}`;
  });
  return [
    'e=$(mktemp)',
    `get() { echo "#$1"; shift; kubectl get "$@" 2>"$e" || { echo; echo "#failed"; cat "$e"; }; echo; }`,
    `{ ${gets.join('; ')}; echo "#end"; } | gzip -9 | base64`,
  ].join('; ');
}

const template = (columns: readonly Column[]): string =>
  `{range .items[*]}${columns.map(({ query }) => `{.${query}}`).join('{"\\t"}')}{"\\n"}{end}`;

/**
 * @param output what the script wrote, unpacked
 * @throws SyntaxError when it is cut off or not of this script; Excess or TooMuchError when there is more of something than is read
 */
export function parseSections(output: string, sections: readonly Section[], meter: Meter): readonly KindRead[] {
  const parts = new Map<string, string>();
  const pieces = output.split(/^#(\d+|end)$/m);
  for (let i = 1; i < pieces.length; i += 2) parts.set(pieces[i]!, pieces[i + 1] ?? '');
  if (!parts.has('end')) throw new SyntaxError('the output of the run command is cut off');
  return sections.map((section, i) => {
    const part = parts.get(String(i));
    if (part === undefined) throw new SyntaxError(`the output of the run command lacks ${section.resource}`);
    return parseSection(part, section, meter);
  });
}

function parseSection(text: string, { kind, apiVersion, resource }: Section, meter: Meter): KindRead {
  const failed = text.indexOf('\n#failed\n');
  if (failed !== -1) {
    const message = text.slice(failed + '\n#failed\n'.length).trim();
    if (/doesn't have a resource type|not ?found/i.test(message)) return { kind, status: 'absent' };
    if (/forbidden/i.test(message)) return { kind, status: 'forbidden', resource };
    throw new SyntaxError(`kubectl could not list ${resource}: ${message.slice(0, 200)}`);
  }
  const slim = slimmer(kind.kind, apiVersion);
  const objects: unknown[] = [];
  const take = (raw: unknown): void => {
    const kept = slim(raw);
    meter.object(kept);
    objects.push(kept);
  };
  const columns = rows[kind.kind];
  if (columns) for (const raw of parseRows(text, columns)) take(raw);
  else parseItems(text, resource, take);
  return { kind, status: 'read', objects };
}

function parseItems(text: string, resource: string, take: (raw: unknown) => void): void {
  const splitter = splitItems(take);
  splitter.push(Buffer.from(text));
  const { items } = splitter.end() as { items?: unknown };
  if (!Array.isArray(items)) throw new SyntaxError(`the list of ${resource} is not a list`);
}

/** A pod with many labels and ports has some thousand characters. */
const MAX_ROW = 500_000;

function* parseRows(text: string, columns: readonly Column[]): Generator<unknown> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.length > MAX_ROW) throw new Excess(`a row has more than ${MAX_ROW} characters`);
    const values = line.split('\t');
    if (values.length !== columns.length)
      throw new SyntaxError('a row of the run command has another number of columns');
    const raw: Record<string, unknown> = {};
    for (const [i, { path, as }] of columns.entries()) put(raw, path, parseValue(values[i]!, as));
    // Where a pod's ports are looked for; which container of a sort has them makes no difference.
    if ('ports' in raw) put(raw, ['spec', 'containers'], [{ ports: raw['ports'] }]);
    if ('sidecarPorts' in raw)
      put(raw, ['spec', 'initContainers'], [{ restartPolicy: 'Always', ports: raw['sidecarPorts'] }]);
    yield raw;
  }
}

function parseValue(text: string, as: Column['as']): unknown {
  if (text === '') return undefined;
  if (as === 'text') return text;
  return JSON.parse(as === 'json' ? text : `[${text.replaceAll('} {', '},{')}]`) as unknown;
}

function put(raw: Record<string, unknown>, path: readonly string[], value: unknown): void {
  if (value === undefined) return;
  let at = raw;
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
  at[path.at(-1)!] = value;
}
