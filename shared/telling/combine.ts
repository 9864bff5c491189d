// Doing together what many ask for at once.

/**
 * @param run does what was asked for, all of it or nothing; while it runs, what comes in waits and is then taken together
 * @returns a function that asks for one thing, and whose promise is that of the run that takes it
 */
export function combining<T>(run: (asked: readonly T[]) => Promise<void>): (one: T) => Promise<void> {
  let waiting: T[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  return (one) => {
    waiting.push(one);
    next ??= running.then(() => {
      const asked = waiting;
      waiting = [];
      next = undefined;
      const now = run(asked);
      running = now.catch(() => undefined);
      return now;
    });
    return next;
  };
}
