// The product's clock in a soak: an hour passes in five minutes, so that leases, deadlines and resends of minutes come into play.
import type { Clock } from '../../shared/ports.ts';

export const SPEED = 12;

/** A period of one minute by the product's clock, by the clock on the wall. */
export const SCHEDULE = `*/${60 / SPEED} * * * * *`;

/** @returns a start at which minutes of both clocks meet, so that every run of the schedule falls into a slot of its own */
export const soakStart = (): number => Math.floor(Date.now() / 60_000) * 60_000;

/** @param start milliseconds since 1970, the same in every process @param skew how far this clock is ahead, in milliseconds */
export const fastClock = (start: number, skew = 0): Clock => ({
  now: () => new Date(start + (Date.now() - start) * SPEED + skew),
});
