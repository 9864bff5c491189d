// Judging one cluster, within a time that does not depend on what is in it: it runs without a break, and nothing else runs meanwhile.
import { Script } from 'node:vm';
import { auditCluster, tooInvolved } from '../audit/audit.ts';
import type { Result } from '../model/result.ts';
import type { Catalogue } from '../rules/index.ts';
import type { Snapshot } from '../rules/rule.ts';

/** 50,000 pods, about what a heap of 256 MB can hold, take 3 s on one core; an instance may have a quarter of one, and its other clusters wait meanwhile. */
const LONGEST_MS = 30_000;

/** @param by the rules to judge by; all of them unless given @returns the result of a cluster; the inside is unknown where it would take longer than `longestMs` to judge it */
export function judgeWithin(snapshot: Snapshot, by?: Catalogue, longestMs = LONGEST_MS): Result {
  return (
    within(longestMs, () => auditCluster(snapshot, by)) ??
    auditCluster(
      {
        ...snapshot,
        inCluster: tooInvolved(
          `Judging what the policies of the cluster allow takes longer than ${longestMs / 1_000} s.`,
        ),
      },
      by,
    )
  );
}

/** Where the script finds what it is to run: there is nothing that stops a function, and a script can be stopped. */
const RUN = Symbol.for('bulkhead.within');
const script = new Script(`globalThis[Symbol.for('bulkhead.within')]()`);

/**
 * Runs a function that neither waits nor leaves anything half done outside itself: where it is stopped, no `finally` of its own is run.
 * @returns what it returns; undefined when its time was over
 */
export function within<T extends object>(ms: number, run: () => T): T | undefined {
  let value: T | undefined;
  const holder = globalThis as { [RUN]?: () => void };
  holder[RUN] = () => void (value = run());
  try {
    script.runInThisContext({ timeout: ms });
    return value;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    delete holder[RUN];
  }
}
