// What does not fit into a stored result is said in the result itself, in the finding that tells what Bulkhead sees of the cluster.
import type { Finding } from '../model/finding.ts';
import { compareFindings } from '../model/finding.ts';
import type { Result } from '../model/result.ts';
import { ruleThatTells } from '../rules/index.ts';
import { toFinding, unknown } from '../rules/rule.ts';

export interface Fitted {
  /** To compare with the result before. */
  readonly whole: Result;
  /** To store. */
  readonly kept: Result;
}

/** @returns both with a finding of its own for what is in the whole and not in what is kept; as they are where nothing is */
export function sayLeftOut({ whole, kept }: Fitted): Fitted {
  const sentence = leftOutSentence(whole, kept);
  if (sentence === undefined) return { whole, kept };
  const rule = ruleThatTells('visibility');
  const known = whole.findings.find((finding) => finding.rule === rule.id);
  const finding: Finding =
    known?.verdict === 'unknown'
      ? { ...known, message: `${known.message} ${sentence}` }
      : toFinding(rule, unknown('too-large', sentence));
  const withIt = (result: Result): Result => ({
    ...result,
    findings: [...result.findings.filter((one) => one.rule !== rule.id), finding].toSorted(compareFindings),
  });
  return { whole: withIt(whole), kept: withIt(kept) };
}

function leftOutSentence(whole: Result, kept: Result): string | undefined {
  const { leftOut } = kept;
  const count = Object.values(leftOut ?? {}).reduce((sum, some) => sum + some, 0);
  const parts = [
    ...(leftOut ? [`${count} of ${whole.findings.length} findings (${leftOut.fail} of them failures)`] : []),
    ...(whole.reach && !kept.reach ? ['who reaches whom'] : []),
    ...(whole.namespaceExposure && !kept.namespaceExposure ? ['the exposure of each namespace'] : []),
    ...((whole.standing?.length ?? 0) > (kept.standing?.length ?? 0) ? ['some of what failed before'] : []),
  ];
  if (parts.length === 0) return undefined;
  return `The cluster holds more than is kept of one. Left out: ${parts.join(', ')}. What is said of the rest is right.`;
}
