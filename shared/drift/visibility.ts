// Whether Bulkhead sees less or more of a cluster than before.
import type { Result } from '../model/result.ts';
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
  if (decidedParts(previous)[before.depth === 2 ? 'cluster' : 'inside'] === undefined)
    return [firstSight(before, current)];
  return EXPECTED.includes(before.reason) ? [] : [regained(before, current)];
}

const lost = ({ depth, message, reason, remediation }: Blindness, { name }: Result): Change => ({
  kind: 'visibility-lost',
  severity: 'medium',
  title: `Bulkhead can no longer look ${preposition[depth]} ${name}`,
  detail: `${message} (${reason})`,
  remediation,
});

const regained = ({ depth, message }: Blindness, { name }: Result): Change => ({
  kind: 'visibility-regained',
  severity: 'info',
  title: `Bulkhead can look ${preposition[depth]} ${name} again`,
  detail: `It could not before: ${message}`,
});

/** What is found at first sight is a baseline: it is told here, as one. */
function firstSight({ depth }: Blindness, current: Result): Change {
  const { severity, sentence } = failingOf(current);
  return {
    kind: 'visibility-regained',
    severity,
    title: `Bulkhead can look ${preposition[depth]} ${current.name} for the first time`,
    detail: sentence || `Its verdict is ${current.verdict}.`,
  };
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
