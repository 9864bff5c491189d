// Time passes: turns leave the window, and an alert that has calmed down is told as it stands.
import { recent } from '../lifecycle.ts';
import type { Stage } from './stage.ts';

export const calm: Stage = (work, { now, routing }) => ({
  ...work,
  alerts: work.alerts.map((alert) => {
    const turns = recent(alert.turns, now, routing);
    const calmed = alert.flapping && turns.length < 2;
    if (turns.length === alert.turns.length && !calmed) return alert;
    const tellAgain = calmed && alert.status === 'firing' ? Object.keys(alert.told) : [];
    return { ...alert, turns, flapping: alert.flapping && !calmed, owed: [...new Set([...alert.owed, ...tellAgain])] };
  }),
});
