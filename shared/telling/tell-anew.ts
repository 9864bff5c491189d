// Alerts whose card is lost are told by another one.
import type { Alert } from '../alerts/alert.ts';
import type { DispatchContext } from './dispatch.ts';
import { act } from './dispatch.ts';

/** What lasts and stands on a card that nobody can read is owed again to the conversation that was to get it. */
export const tellAnew = (ctx: DispatchContext, card: string, destination: string): Promise<void> =>
  act(ctx, [(alerts) => alerts.map((alert) => withoutCard(alert, card, destination))]);

function withoutCard(alert: Alert, card: string, destination: string): Alert {
  const { [destination]: on, ...told } = alert.told;
  if (on?.card !== card || alert.type === 'change') return alert;
  const owed = alert.status === 'firing' ? [...new Set([...alert.owed, destination])] : alert.owed;
  return { ...alert, told, owed };
}
