// How much an announced end of support weighs as it comes closer.

/** The last day of support for NPM on Windows nodes (Azure Updates 500273) and on Linux nodes (500268). */
export const NPM_WINDOWS_END = '2026-09-30';
export const NPM_LINUX_END = '2028-09-30';

const DAY_MS = 86_400_000;

/** What a failure weighs as that day comes closer. */
export const byCloseness = {
  high: 'within 90 days of the end of support, and after it',
  medium: 'within 365 days',
  low: 'earlier',
} as const;

export interface Retirement {
  readonly severity: keyof typeof byCloseness;
  /** For a sentence: `ended 52 days ago` or `ends in 679 days`. */
  readonly when: string;
}

/**
 * @param ends the day support ends, `YYYY-MM-DD` in UTC
 * @returns its weight by that scale
 */
export function retirement(ends: string, now: Date): Retirement {
  const days = Math.ceil((new Date(`${ends}T00:00:00Z`).getTime() - now.getTime()) / DAY_MS);
  const severity = days > 365 ? 'low' : days > 90 ? 'medium' : 'high';
  const count = `${Math.abs(days)} day${Math.abs(days) === 1 ? '' : 's'}`;
  const when = days > 0 ? `ends in ${count}` : days === 0 ? 'ends today' : `ended ${count} ago`;
  return { severity, when };
}
