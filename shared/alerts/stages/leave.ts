// A conversation that unsubscribed is owed nothing, and its cards cannot be reached.
import type { Stage } from './stage.ts';

export const leave: Stage = (work, { targets }) => {
  const present = new Set(targets.map(({ key }) => key));
  const alerts = work.alerts.map((alert) => {
    if ([...alert.owed, ...Object.keys(alert.told)].every((key) => present.has(key))) return alert;
    const told = Object.fromEntries(Object.entries(alert.told).filter(([key]) => present.has(key)));
    return { ...alert, owed: alert.owed.filter((key) => present.has(key)), told };
  });
  return { ...work, alerts };
};
