// What is over and told need not be remembered.
import type { Alert } from '../alert.ts';
import type { Stage } from './stage.ts';

export const forget: Stage = (work) => ({ ...work, alerts: work.alerts.filter((alert) => !isSpent(alert)) });

/** @returns true when nobody is owed anything of it, no card shows it as open, and it has no turns left to notice flapping by */
export function isSpent({ type, status, flapping, turns, owed, told }: Alert): boolean {
  if (type === 'change') return owed.length === 0;
  const shownAsOver = Object.values(told).every(({ as, before }) => as === 'resolved' && !before);
  return status === 'resolved' && !flapping && turns.length === 0 && shownAsOver;
}
