// Whether this machine's clock differs from the store's: every answer of the store says what time it is there.
import type { Clock } from '../ports.ts';

/** Workers whose clocks differ by less than this understand each other. */
const MOST_MS = 60_000;
/** The store tells its time in whole seconds. */
const SECOND_MS = 1_000;

/** To be called when a request is sent; what it returns is to be called with the store's time when it is answered. */
export type ClockWatch = () => (storeTime: Date) => void;

/** @returns the same watch, and what time it is in the store: as it said last, and what has passed since by a clock that nobody can set */
export function followStore(watch: ClockWatch): {
  readonly watch: ClockWatch;
  readonly storeTime: () => Date | undefined;
} {
  let said: { readonly at: number; readonly when: number } | undefined;
  return {
    watch: () => {
      const answered = watch();
      return (storeTime) => {
        said = { at: storeTime.getTime(), when: performance.now() };
        answered(storeTime);
      };
    },
    storeTime: () => said && new Date(said.at + performance.now() - said.when),
  };
}

/**
 * An answer that took long says less: the store told its time at some moment between sending and receiving.
 * @param tell gets by how many milliseconds this machine's clock is ahead at least, or behind if negative, where that is more than a minute
 */
export function watchClock(clock: Clock, tell: (aheadMs: number, storeTime: Date) => void): ClockWatch {
  return () => {
    const sentAt = clock.now().getTime();
    return (storeTime) => {
      const ahead = sentAt - storeTime.getTime() - SECOND_MS;
      const behind = storeTime.getTime() - clock.now().getTime();
      if (ahead > MOST_MS) tell(ahead, storeTime);
      else if (behind > MOST_MS) tell(-behind, storeTime);
    };
  };
}
