// Who is to hear of what: what is owed, and what was told so long ago that it is told again. Whoever cannot be posted to waits.
import type { Alert } from '../alert.ts';
import type { AdvanceInput } from '../model.ts';
import { routeTo } from '../routing.ts';
import { unreachable } from '../target.ts';
import type { Due, Stage } from './stage.ts';

const HOUR_MS = 3_600_000;

export const findDue: Stage = (work, input) => {
  const failed = unreachable(input.targets);
  const due = (kind: Due['kind'], alert: Alert, destination: string): Due => ({
    alert,
    destination,
    route: routeTo(input.routing, alert.event, destination, input.targets),
    kind,
    group: '',
  });
  const dues = work.alerts.flatMap((alert): readonly Due[] => {
    if (alert.status !== 'firing' || input.over?.has(alert.id)) return [];
    const owed = alert.owed.filter((key) => !failed.has(key));
    if (owed.length > 0) return owed.map((key) => due('alerts', alert, key));
    const again = whomAgain(alert, input).filter((key) => !failed.has(key));
    return again.map((key) => due('repeat', alert, key));
  });
  return { ...work, dues };
};

/** @returns the conversations that were told so long ago that they are told again */
function whomAgain({ type, flapping, ack, told, toldAt = '', event }: Alert, { routing, now }: AdvanceInput) {
  const hours = routing.repeatHours[event.severity];
  if (type !== 'state' || flapping || ack || hours === undefined) return [];
  return Object.entries(told)
    .filter(([, { at = toldAt }]) => now.getTime() - Date.parse(at) >= hours * HOUR_MS)
    .map(([key]) => key);
}
