// What people silenced says so on its cards, until when and by whom, and no longer when the silence has ended.
import type { Alert, Silenced } from '../alert.ts';
import { activeSilences } from '../muting.ts';
import type { Stage } from './stage.ts';

export const hush: Stage = (work, { silences, now }) => {
  const silencesOf = activeSilences(silences, now);
  const longest = ({ type, event }: Alert): Silenced | undefined => {
    const last = type === 'state' ? silencesOf(event).toSorted(byEnd).at(-1) : undefined;
    return last && { id: last.id, by: last.createdBy, until: last.endsAt };
  };
  return {
    ...work,
    alerts: work.alerts.map((alert) => {
      const silence = longest(alert);
      if (silence?.id === alert.silence?.id) return alert;
      const { silence: _before, ...rest } = alert;
      return silence ? { ...rest, silence } : rest;
    }),
  };
};

const byEnd = (a: { readonly endsAt: string }, b: { readonly endsAt: string }): number =>
  Date.parse(a.endsAt) - Date.parse(b.endsAt);
