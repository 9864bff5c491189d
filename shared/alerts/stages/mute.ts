// What is muted is not told: a change that happened is never told later, what lasts waits until it is no longer muted.
import { createMuting } from '../muting.ts';
import type { Stage } from './stage.ts';

export const mute: Stage = (work, input) => {
  const whyMuted = createMuting(work.alerts, input);
  const due = new Set(work.dues.map(({ alert }) => alert));
  const muted = new Set([...due].filter((alert) => whyMuted(alert).length > 0));
  return {
    ...work,
    alerts: work.alerts.map((alert) =>
      muted.has(alert) && alert.type === 'change' && alert.owed.length > 0 ? { ...alert, owed: [] } : alert,
    ),
    dues: work.dues.filter(({ alert }) => !muted.has(alert)),
  };
};
