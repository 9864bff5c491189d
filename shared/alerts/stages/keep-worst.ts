// The state is one document, so it has a limit: when there are too many alerts, the least severe are forgotten, and counted.
import { compareAlerts } from '../alert.ts';
import { isSpent } from './forget.ts';
import type { Stage } from './stage.ts';

export const MAX_ALERTS = 20_000;

export const keepWorst: Stage = (work) => {
  const lasting = work.alerts.filter((alert) => !isSpent(alert));
  const tooMany = lasting.length - MAX_ALERTS;
  if (tooMany <= 0) return work;
  return {
    ...work,
    alerts: lasting.toSorted(compareAlerts).slice(0, MAX_ALERTS),
    dropped: work.dropped + tooMany,
  };
};
