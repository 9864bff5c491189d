// The baseline, as far as chat looks through it: it is read from storage as it goes, and grows with the fleet.
import type { AlertService, AlertView } from '../../alerts/alert-service.ts';

/** For one answer; Teams waits no longer than 15 seconds for it. */
export const MOST_LOOKED_THROUGH = 5_000;

/** @returns the first failures of the baseline, and no more than that are read */
export async function* lookedThrough({ baseline }: Pick<AlertService, 'baseline'>): AsyncGenerator<AlertView> {
  let seen = 0;
  for await (const alert of baseline()) {
    yield alert;
    if (++seen === MOST_LOOKED_THROUGH) return;
  }
}
