// What one read of a cluster has taken so far, counted while it arrives: an API server is a stranger, and may send anything for ever.
import type { Stay } from '../room.ts';
import { Excess, TooMuchError, megabytes } from '../too-much.ts';
import { createScale } from './weight.ts';

export interface ReadBounds {
  /** Over the network, packed or not, of all answers and of those that broke off as well. */
  readonly packedBytes: number;
  /** The same, unpacked. */
  readonly bytes: number;
  /** Of all kinds together, and of those that were read again. */
  readonly objects: number;
  /** Pages of lists: a server that sends nothing but continuations would be read for ever. */
  readonly pages: number;
}

/** Counts for one cluster. Each function throws a TooMuchError, which says what was counted, as soon as a bound is passed. */
export interface Meter {
  packed(bytes: number): void;
  unpacked(bytes: number): void;
  /** Counts an object and holds it. @returns its weight in memory */
  object(kept: unknown): number;
  page(): void;
  /** The memory that is held now. */
  readonly held: number;
  /** Counts memory that is held beside objects; less than nothing is let go. */
  hold(bytes: number): void;
  /** Waits until there is room for what is held. */
  settle(signal: AbortSignal): Promise<void>;
  /** @returns an error with what was counted @param why what is too much, as the rest of a sentence about the cluster */
  tooMuch(why: string): TooMuchError;
}

export function createMeter(bounds: ReadBounds, stay: Pick<Stay, 'hold' | 'settle'>): Meter {
  const scale = createScale();
  let held = 0;
  const sum = { packedBytes: 0, bytes: 0, objects: 0, pages: 0 };

  const tooMuch = (why: string): TooMuchError =>
    new TooMuchError(
      `The cluster ${why}. Counted until then: ${sum.objects} objects, ${megabytes(sum.bytes)}` +
        (sum.packedBytes < sum.bytes ? `, packed into ${megabytes(sum.packedBytes)}.` : '.'),
    );

  function count(what: keyof ReadBounds, more: number, said: string): void {
    sum[what] += more;
    if (sum[what] > bounds[what]) throw tooMuch(`sends more than ${said}, the most that is read of one cluster`);
  }

  function hold(bytes: number): void {
    held += bytes;
    try {
      stay.hold(bytes);
    } catch (error) {
      throw error instanceof Excess ? tooMuch(error.message) : error;
    }
  }

  return {
    packed: (bytes) => count('packedBytes', bytes, `${megabytes(bounds.packedBytes)} over the network`),
    unpacked: (bytes) => count('bytes', bytes, `${megabytes(bounds.bytes)} of data`),
    object(kept) {
      count('objects', 1, `${bounds.objects} objects`);
      const weight = scale(kept);
      hold(weight);
      return weight;
    },
    page: () => count('pages', 1, `${bounds.pages} pages of lists`),
    get held() {
      return held;
    },
    hold,
    settle: (signal) => stay.settle(signal),
    tooMuch,
  };
}
