// What every conversation is to hear, whatever its routes are about.
import type { AlertEvent } from '../alerts/alert.ts';
import { raised } from '../alerts/lifecycle.ts';
import { listDestinations } from './destinations.ts';
import type { DispatchContext } from './dispatch.ts';
import { act } from './dispatch.ts';

/** @param event with an id of its own: told twice, it is one alert @throws when storage fails */
export async function tellEverybody(ctx: DispatchContext, event: AlertEvent): Promise<void> {
  const targets = await listDestinations(ctx.tables.Chat);
  const alert = { ...raised(event, { routing: await ctx.routing(), targets }), owed: targets.map(({ key }) => key) };
  await act(ctx, [(alerts) => (alerts.some(({ id }) => id === alert.id) ? alerts : [...alerts, alert])]);
}
