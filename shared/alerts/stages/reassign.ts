// What is known only in conversations that cannot be posted to is owed to others as well.
import type { Alert } from '../alert.ts';
import { destinationsFor } from '../routing.ts';
import { unreachable } from '../target.ts';
import type { Stage } from './stage.ts';

export const reassign: Stage = (work, { routing, targets }) => {
  const failed = unreachable(targets);
  if (failed.size === 0) return work;
  const isUnheard = ({ status, owed, told }: Alert): boolean => {
    const known = [...owed, ...Object.keys(told)];
    return status === 'firing' && known.length > 0 && known.every((key) => failed.has(key));
  };
  const others = ({ event }: Alert): readonly string[] =>
    destinationsFor(routing, event, targets).filter((key) => !failed.has(key));
  const alerts = work.alerts.map((alert) => {
    const more = isUnheard(alert) ? others(alert) : [];
    return more.length > 0 ? { ...alert, owed: [...alert.owed, ...more] } : alert;
  });
  return { ...work, alerts };
};
