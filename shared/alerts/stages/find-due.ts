// Who is to hear of what: what is owed, and what was told so long ago that it is told again.
import type { Alert } from '../alert.ts';
import type { AdvanceInput } from '../model.ts';
import { routeTo } from '../routing.ts';
import type { Due, Stage } from './stage.ts';

const HOUR_MS = 3_600_000;

export const findDue: Stage = (work, input) => ({
  ...work,
  dues: work.alerts.flatMap((alert): readonly Due[] => {
    const repeat = alert.owed.length === 0 && isRepeatDue(alert, input);
    const owed = repeat ? Object.keys(alert.told) : alert.status === 'firing' ? alert.owed : [];
    return owed.map((destination) => ({
      alert,
      destination,
      route: routeTo(input.routing, alert.event, destination, input.targets),
      kind: repeat ? 'repeat' : 'alerts',
      group: '',
    }));
  }),
});

function isRepeatDue({ type, status, flapping, ack, toldAt, event }: Alert, { routing, now }: AdvanceInput): boolean {
  const hours = routing.repeatHours[event.severity];
  if (type !== 'state' || status !== 'firing' || flapping || ack || toldAt === undefined || hours === undefined)
    return false;
  return now.getTime() - Date.parse(toldAt) >= hours * HOUR_MS;
}
