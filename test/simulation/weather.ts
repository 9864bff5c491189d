// What goes wrong, and how often: each seed has its own weather, from a calm day to everything at once.
import type { Random } from './random.ts';

/**
 * What becomes of a call: `refused` has no effect and throws; `lost` takes effect and throws; a crash leaves no answer at all. A write that is
 * `repeated` took effect, its answer was lost on the way, and the SDK made it again; one that meets a `conflict` comes after somebody else's.
 */
export type Fate = 'fine' | 'refused' | 'lost' | 'crash-before' | 'crash-after' | 'repeated' | 'conflict';

/** Faults that are tried only where they are asked for: not everything withstands them yet. */
export const extras = ['clocks', 'repeated', 'conflict'] as const;
export type Extra = (typeof extras)[number];

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
  readonly repeated: number;
  readonly conflict: number;
  /** An instance whose clock is wrong. */
  readonly wrongClock: number;
}

/** An outage lets a few calls through: it is worse than one that is whole. */
const OUTAGE_RATE = 0.7;

const WRITE = /^\w+\.(insert|replace|delete|transact) /;
const CONDITIONAL = /^\w+\.(replace|transact) /;

/** @param wanted the faults to have besides the usual ones */
export function createWeather(random: Random, now: () => number, wanted: readonly Extra[] = []): Weather {
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
    repeated: wanted.includes('repeated') ? some(0.0005, 0.02) : 0,
    conflict: wanted.includes('conflict') ? some(0.001, 0.05) : 0,
    wrongClock: wanted.includes('clocks') ? some(0.2, 0.8) : 0,
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
      if (random.chance(rates.lost)) return 'lost';
      if (rates.repeated > 0 && WRITE.test(what) && random.chance(rates.repeated)) return 'repeated';
      return rates.conflict > 0 && CONDITIONAL.test(what) && random.chance(rates.conflict) ? 'conflict' : 'fine';
    },
  };
}
