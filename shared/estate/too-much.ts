// What is thrown where a stranger sends more than Bulkhead takes. Each bound stands beside what it bounds.

/** A part is too large: of an answer, of an object, of the memory for one read. The message is a clause, for a sentence about the cluster. */
export class Excess extends Error {
  override readonly name = 'Excess';
}

/** A cluster is too large to be read: nothing of what was read of it counts. The message says what was counted. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError';
}

/** There are more objects of one kind than are read. Kinds that only add detail are then done without. */
export class TooManyError extends Error {
  override readonly name = 'TooManyError';
}

/** @returns `3.4 MB`, as people write sizes */
export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(bytes < 9_950_000 ? 1 : 0)} MB`;
