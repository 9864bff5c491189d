// Anonymous callers may ask at once as often as they like: it is found out for all of them together.

/** @returns a function that gives whoever asks while it is being found out that very answer, or that very failure */
export function inFlight<T>(find: () => Promise<T>): () => Promise<T> {
  let finding: Promise<T> | undefined;
  return () =>
    (finding ??= find().finally(() => {
      finding = undefined;
    }));
}
