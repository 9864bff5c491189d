// What a check finds is printed line by line, and counted.

export interface Report {
  /** A line for people, neither good nor bad. */
  note(text: string): void;
  /** Holds or not; both are printed. */
  check(what: string, holds: boolean, found?: unknown): void;
  readonly failures: number;
}

/** @param print takes a line */
export function createReport(print: (line: string) => void): Report {
  let failures = 0;
  return {
    note: (text) => print(`     ${text}`),
    check(what, holds, found) {
      if (!holds) failures++;
      print(
        `${holds ? 'ok  ' : 'FAIL'} ${what}${holds || found === undefined ? '' : `\n     found: ${JSON.stringify(found)}`}`,
      );
    },
    get failures() {
      return failures;
    },
  };
}

/** @returns whether two values are the same as JSON, whatever the order of their keys */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
