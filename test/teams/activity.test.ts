// What is read of an incoming activity.
import { expect, test } from 'vitest';
import { zoneOf } from '../../shared/teams/activity.ts';

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['Mars/Olympus', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('the zone of whoever writes is %s: %s', (localTimezone, zone) => {
  expect(zoneOf({ localTimezone })).toBe(zone);
});
