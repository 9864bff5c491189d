// Waking up: every step is tried, and not more often than is of use.
import type { Clock } from '../ports.ts';

/** Runs every step, even after one has failed. @throws the first failure */
export async function allOf(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** @returns a function that does it when it is called, unless it was done within the last so many milliseconds */
export function atMostEvery(periodMs: number, clock: Clock, run: () => void): () => void {
  let ranAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now().getTime();
    if (now - ranAt < periodMs) return;
    ranAt = now;
    run();
  };
}
