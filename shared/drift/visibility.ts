// Whether Bulkhead sees less or more of a cluster than before.
import type { Part, Result } from '../model/result.ts';
import { parts } from '../model/result.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { ruleThatTells } from '../rules/index.ts';
import type { Change } from './change.ts';
import { decidedParts, failingOf } from './standing.ts';

/** Reasons that somebody chose or that pass by themselves: losing sight for one of them is not news. */
const EXPECTED: readonly UnknownReason[] = ['stopped', 'disabled'];

export function compareVisibility(previous: Result, current: Result): readonly Change[] {
  const before = blindness(previous);
  const now = blindness(current);
  const [depthBefore, depthNow] = [before?.depth ?? 0, now?.depth ?? 0];
  if (now && depthNow > depthBefore) return EXPECTED.includes(now.reason) ? [] : [lost(now, current)];
  if (!before || depthNow >= depthBefore) return [];
  const seen = decidedParts(previous)[before.depth === 2 ? 'cluster' : 'inside'] !== undefined;
  return [
    ...(seen && !EXPECTED.includes(before.reason) ? [regained(before, current)] : []),
    ...(firstSight(previous, current) ?? []),
  ];
}

const lost = ({ depth, message, reason, remediation }: Blindness, { name }: Result): Change => ({
  kind: 'visibility-lost',
  severity: 'medium',
  title:
    reason === 'too-large'
      ? `${name} holds more than Bulkhead can take in`
      : `Bulkhead can no longer look ${preposition[depth]} ${name}`,
  detail: `${message} (${reason})`,
  remediation,
});

const regained = ({ depth, message, reason }: Blindness, { name }: Result): Change => ({
  kind: 'visibility-regained',
  severity: 'info',
  title:
    reason === 'too-large'
      ? `Bulkhead can take in all of ${name} again`
      : `Bulkhead can look ${preposition[depth]} ${name} again`,
  detail: `It could not before: ${message}`,
});

/** @returns what is seen of the cluster for the first time: what fails there is a baseline, told as one */
function firstSight(previous: Result, current: Result): readonly Change[] | undefined {
  const [past, now] = [decidedParts(previous), decidedParts(current)];
  const isFirst = (part: Part): boolean => past[part] === undefined && now[part] !== undefined;
  const depth = isFirst('cluster') ? 2 : isFirst('inside') ? 1 : undefined;
  if (!depth) return undefined;
  const { severity, sentence } = failingOf(current, depth === 2 ? parts : ['inside', 'enforced']);
  const title = `Bulkhead can look ${preposition[depth]} ${current.name} for the first time`;
  return [{ kind: 'first-sight', severity, title, detail: sentence || `Its verdict is ${current.verdict}.` }];
}

const preposition = { 1: 'into', 2: 'at' } as const;

export interface Blindness {
  /** 1: the cluster is seen, its inside is not. 2: not even its ARM body. */
  readonly depth: 1 | 2;
  readonly reason: UnknownReason;
  readonly message: string;
  readonly remediation?: string | undefined;
}

/** @returns why a result says little or nothing; undefined when everything could be looked at */
export function blindness(result: Result): Blindness | undefined {
  if (result.unreadable) return { depth: 2, ...result.unreadable };
  const { id } = ruleThatTells('visibility');
  const finding = result.findings.find(({ rule, verdict }) => rule === id && verdict === 'unknown');
  if (!finding) return undefined;
  return { depth: 1, reason: finding.reason ?? 'error', message: finding.message, remediation: finding.remediation };
}
