// What was told only in conversations that can no longer be reached is owed to the others.
import type { Alert } from '../alert.ts';
import { destinationsFor } from '../routing.ts';
import type { Stage } from './stage.ts';

export const reassign: Stage = (work, { failed, routing, targets }) => {
  const lost = new Set(failed.map(({ key }) => key));
  if (lost.size === 0) return work;
  const isLost = ({ status, owed, told }: Alert): boolean => {
    const known = [...owed, ...Object.keys(told)];
    return status === 'firing' && known.length > 0 && known.every((key) => lost.has(key));
  };
  const alerts = work.alerts.map((alert) =>
    isLost(alert) ? { ...alert, owed: destinationsFor(routing, alert.event, targets), told: {} } : alert,
  );
  return { ...work, alerts };
};
