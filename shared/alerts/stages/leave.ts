// A conversation that unsubscribed is owed nothing, and its cards cannot be reached. One that cannot be posted to is not owed what
// happened once: only what lasts waits for it.
import type { Alert } from '../alert.ts';
import { unreachable } from '../target.ts';
import type { Stage } from './stage.ts';

export const leave: Stage = (work, { targets }) => {
  const present = new Set(targets.map(({ key }) => key));
  const failed = unreachable(targets);
  const isOwed = ({ type }: Alert, key: string): boolean => present.has(key) && !(type === 'change' && failed.has(key));
  const alerts = work.alerts.map((alert) => {
    if (Object.keys(alert.told).every((key) => present.has(key)) && alert.owed.every((key) => isOwed(alert, key)))
      return alert;
    const told = Object.fromEntries(Object.entries(alert.told).filter(([key]) => present.has(key)));
    return { ...alert, owed: alert.owed.filter((key) => isOwed(alert, key)), told };
  });
  return { ...work, alerts };
};
