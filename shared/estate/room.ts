// The memory that all reads of this process share. Many clusters are read at once, and nobody knows beforehand which are large:
// each has a small share for itself, more comes out of what is common, and where that is used up one at a time goes on with room of its own.
// So whoever is large waits for the large ones before it, and never keeps the small ones from being read.
import { Excess, megabytes } from './too-much.ts';

export interface RoomLimits {
  /** What every read may hold at any time. */
  readonly shareBytes: number;
  /** What all reads together may hold beyond their shares. */
  readonly commonBytes: number;
  /** What one read may hold: beside all that is common there is room for one so large. */
  readonly mostBytes: number;
  /** How long a read may go on as the largest, for which others may be waiting. */
  readonly turnMs: number;
}

/** What a process has besides: its code, the bot, what the host keeps. */
const BESIDES = 96 * 1024 * 1024;

/**
 * What is read takes several times its room while it is judged, which is done with one cluster at a time.
 * @param heapBytes the most that the heap of this process may grow to
 */
export const roomIn = (heapBytes: number): RoomLimits => {
  const free = Math.max(heapBytes - BESIDES, BESIDES);
  return { shareBytes: free / 256, commonBytes: free / 16, mostBytes: free / 2.5, turnMs: 60_000 };
};

export interface Room {
  /** @returns a place for one read, to be left in any case */
  enter(): Stay;
}

export interface Stay {
  /** Counts what is held from now on; less than nothing is let go. @throws Excess beyond what one read may hold */
  hold(bytes: number): void;
  /** Waits until there is room for what is held. @throws the signal's reason when it is aborted meanwhile */
  settle(signal: AbortSignal): Promise<void>;
  /** Aborted with a TimeoutError when the read has been the largest for too long. */
  readonly signal: AbortSignal;
  leave(): void;
}

interface Guest {
  held: number;
  /** How much of it lies in the common room. */
  common: number;
  timer?: NodeJS.Timeout;
  readonly over: AbortController;
  readonly waiting: (() => void)[];
}

export function createRoom({ shareBytes, commonBytes, mostBytes, turnMs }: RoomLimits): Room {
  let common = 0;
  let largest: Guest | undefined;
  /** Who waits for room, the first first. */
  const queue = new Set<Guest>();

  const put = (guest: Guest, bytes: number): void => {
    common += bytes - guest.common;
    guest.common = bytes;
  };

  /** @returns whether there is room for all that the guest holds */
  function admit(guest: Guest): boolean {
    if (guest === largest) return true;
    const wanted = Math.max(0, guest.held - shareBytes);
    if (wanted <= guest.common || common - guest.common + wanted <= commonBytes) put(guest, wanted);
    else if (largest) return false;
    else {
      largest = guest;
      put(guest, 0);
      const reason = new DOMException('the read was the largest for too long', 'TimeoutError');
      guest.timer = setTimeout(() => guest.over.abort(reason), turnMs).unref();
    }
    return true;
  }

  function admitWaiting(): void {
    for (const guest of queue)
      if (admit(guest)) {
        queue.delete(guest);
        for (const resolve of guest.waiting.splice(0)) resolve();
      }
  }

  function leave(guest: Guest): void {
    clearTimeout(guest.timer);
    put(guest, 0);
    guest.held = 0;
    queue.delete(guest);
    if (largest === guest) largest = undefined;
    // What was read is judged first: who waits goes on after that.
    setImmediate(admitWaiting);
  }

  return {
    enter() {
      const guest: Guest = { held: 0, common: 0, over: new AbortController(), waiting: [] };
      return {
        signal: guest.over.signal,
        hold(bytes) {
          guest.held += bytes;
          if (guest.held > mostBytes)
            throw new Excess(`needs more than the ${megabytes(mostBytes)} of memory that there is for it`);
        },
        async settle(signal) {
          if (!queue.has(guest) && admit(guest)) return;
          signal.throwIfAborted();
          queue.add(guest);
          await new Promise<void>((resolve, reject) => {
            guest.waiting.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          });
        },
        leave: () => leave(guest),
      };
    },
  };
}
