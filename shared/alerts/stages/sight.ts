// What the scan saw of alerts that wait for it.
import { afterSighting } from '../lifecycle.ts';
import type { Stage } from './stage.ts';

export const sight: Stage = (work, input) => ({
  ...work,
  alerts: work.alerts.flatMap((alert) => {
    const sighting = input.sightings.get(alert.id);
    return sighting ? (afterSighting(alert, sighting, input) ?? []) : alert;
  }),
});
