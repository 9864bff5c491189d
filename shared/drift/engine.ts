// Whether the engine or the network plugin is another one than before.
import type { Result } from '../model/result.ts';
import type { Engine, Severity } from '../model/verdict.ts';
import { severityRank } from '../model/verdict.ts';
import { ruleThatTells } from '../rules/index.ts';
import { settledEngine } from './carry.ts';
import type { Change } from './change.ts';
import { decidedParts, failingOf } from './standing.ts';

/** @returns nothing while either was never seen, or cannot be seen now */
export function compareEngine(previous: Result, current: Result): readonly Change[] {
  const before = settledEngine(previous);
  if (!before || current.unreadable || current.engineUnread) return [];
  return [
    ...(before.engine === current.engine ? [] : [engineChanged(before.engine, previous, current)]),
    ...(before.plugin === current.plugin ? [] : [pluginChanged(before.plugin, current)]),
  ];
}

function engineChanged(before: Engine, previous: Result, current: Result): Change {
  const { engine, name, findings } = current;
  // What the first engine of a cluster finds has no past of its own: it is told here, as one.
  const isFirst = engine !== 'none' && decidedParts(previous).enforced === undefined;
  const found = isFirst ? failingOf(current, ['enforced']) : undefined;
  const severity = severityOf(before, engine);
  const cause = findings.find(({ rule }) => rule === ruleThatTells('engine').id);
  return {
    kind: 'engine-changed',
    severity: found && severityRank(found.severity) < severityRank(severity) ? found.severity : severity,
    title: titleOf(before, engine, name),
    detail: [`The network-policy engine was ${before} and is ${engine}.`, found?.sentence].filter(Boolean).join(' '),
    remediation: engine === 'none' ? cause?.remediation : undefined,
  };
}

function severityOf(before: Engine, now: Engine): Severity {
  if (now === 'none') return 'high';
  return before === 'none' ? 'info' : 'medium';
}

function titleOf(before: Engine, now: Engine, name: string): string {
  if (now === 'none') return `Network policy was switched off on ${name}`;
  if (before === 'none') return `Network policy was switched on with ${now} on ${name}`;
  return `The network-policy engine of ${name} changed from ${before} to ${now}`;
}

const pluginChanged = (before: string, { plugin, name }: Result): Change => ({
  kind: 'plugin-changed',
  severity: 'medium',
  title: `The network plugin of ${name} changed`,
  detail: `The network plugin was ${before || 'not set'} and is ${plugin || 'not set'}.`,
});
