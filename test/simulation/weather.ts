// What goes wrong, and how often: each seed has its own weather, from a calm day to everything at once.
import type { Random } from './random.ts';

/** What becomes of a call: `refused` has no effect and throws; `lost` takes effect and throws; a crash leaves no answer at all. */
export type Fate = 'fine' | 'refused' | 'lost' | 'crash-before' | 'crash-after';

export const outages = ['storage', 'arm', 'teams', 'timers'] as const;
export type Outage = (typeof outages)[number];

export interface Weather {
  /** Probabilities, a call or a message each. */
  readonly rates: Rates;
  /** Until when each part is out, in milliseconds since 1970. */
  readonly outUntil: Record<Outage, number>;
  isOut(what: Outage): boolean;
  fate(what: string): Fate;
  /** How long a call takes to be made, in milliseconds. */
  delay(): number;
  /** From now on nothing goes wrong. */
  clear(): void;
  isClear(): boolean;
  /** When it became clear. */
  readonly clearSince: () => number | undefined;
}

export interface Rates {
  readonly refused: number;
  readonly lost: number;
  readonly crash: number;
  /** A call that waits for half a minute to forty minutes, as in a frozen instance. */
  readonly stall: number;
  /** A call that takes seconds. */
  readonly slow: number;
  readonly arm: number;
  /** A message that is worked off twice. */
  readonly duplicate: number;
  readonly timerLost: number;
  readonly teamsBusy: number;
  /** Posted, although Teams gave no answer. */
  readonly teamsSilent: number;
}

/** An outage lets a few calls through: it is worse than one that is whole. */
const OUTAGE_RATE = 0.7;

export function createWeather(random: Random, now: () => number): Weather {
  const calmDay = random.chance(0.15);
  const some = (least: number, most: number, share = 0.6): number =>
    !calmDay && random.chance(share) ? random.magnitude(least, most) : 0;
  const rates: Rates = {
    refused: some(0.0005, 0.03),
    lost: some(0.0005, 0.02),
    crash: some(0.0003, 0.01),
    stall: some(0.0001, 0.002, 0.4),
    slow: some(0.001, 0.1),
    arm: some(0.005, 0.2),
    duplicate: some(0.01, 0.3),
    timerLost: some(0.01, 0.5),
    teamsBusy: some(0.01, 0.4),
    teamsSilent: some(0.01, 0.2),
  };
  const outUntil = { storage: 0, arm: 0, teams: 0, timers: 0 };
  let clear: number | undefined;
  const isOut = (what: Outage): boolean => clear === undefined && now() < outUntil[what];

  return {
    rates,
    outUntil,
    isOut,
    isClear: () => clear !== undefined,
    clearSince: () => clear,
    clear: () => {
      clear = now();
    },
    delay() {
      if (clear === undefined && random.chance(rates.stall)) return random.magnitude(30_000, 2_400_000);
      if (clear === undefined && random.chance(rates.slow)) return random.magnitude(500, 25_000);
      return random.whole(1, 60);
    },
    fate(what) {
      if (clear !== undefined) return 'fine';
      if (random.chance(rates.crash)) return random.chance(0.5) ? 'crash-before' : 'crash-after';
      if (what.startsWith('chat.')) return 'fine';
      if (what.startsWith('arm.')) return random.chance(isOut('arm') ? OUTAGE_RATE : rates.arm) ? 'refused' : 'fine';
      if (random.chance(isOut('storage') ? OUTAGE_RATE : rates.refused)) return 'refused';
      return random.chance(rates.lost) ? 'lost' : 'fine';
    },
  };
}
