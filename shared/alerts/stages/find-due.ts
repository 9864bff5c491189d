// Who is to hear of what: what is owed, and what was told so long ago that it is told again. Whoever cannot be posted to waits.
import type { Alert } from '../alert.ts';
import type { AdvanceInput } from '../model.ts';
import { routeTo } from '../routing.ts';
import { unreachable } from '../target.ts';
import type { Due, Stage } from './stage.ts';

const HOUR_MS = 3_600_000;

export const findDue: Stage = (work, input) => {
  const failed = unreachable(input.targets);
  const dues = work.alerts.flatMap((alert): readonly Due[] => {
    if (input.over?.has(alert.id)) return [];
    const owed = alert.owed.filter((key) => !failed.has(key));
    const repeat = owed.length === 0 && isRepeatDue(alert, input);
    const again = Object.keys(alert.told).filter((key) => !failed.has(key));
    return (repeat ? again : alert.status === 'firing' ? owed : []).map((destination) => ({
      alert,
      destination,
      route: routeTo(input.routing, alert.event, destination, input.targets),
      kind: repeat ? 'repeat' : 'alerts',
      group: '',
    }));
  });
  return { ...work, dues };
};

function isRepeatDue({ type, status, flapping, ack, toldAt, event }: Alert, { routing, now }: AdvanceInput): boolean {
  const hours = routing.repeatHours[event.severity];
  if (type !== 'state' || status !== 'firing' || flapping || ack || toldAt === undefined || hours === undefined)
    return false;
  return now.getTime() - Date.parse(toldAt) >= hours * HOUR_MS;
}
