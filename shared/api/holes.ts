// Holes in history: times in which no scan closed although some were due, so nothing is known about them.

export interface Hole {
  /** RFC 3339: when the last scan before it closed. */
  readonly from: string;
  /** RFC 3339: when the next scan closed, or the moment of the question when none has yet. */
  readonly to: string;
}

/**
 * @param closes when scans closed, in any order, RFC 3339
 * @param until where the question ends: a hole may reach up to it
 * @returns stretches longer than two periods, oldest first; none before the first scan, when there was nothing to miss yet
 */
export function findHoles(closes: readonly string[], periodMinutes: number, until: Date): readonly Hole[] {
  const moments = [...closes.map((at) => Date.parse(at)), until.getTime()].toSorted((a, b) => a - b);
  return moments.slice(1).flatMap((to, i) => {
    const from = moments[i]!;
    if (to - from <= 2 * periodMinutes * 60_000) return [];
    return [{ from: new Date(from).toISOString(), to: new Date(to).toISOString() }];
  });
}
