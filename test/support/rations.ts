// Rations of one process alone, with as many turns as anybody could want unless told otherwise.
import type { Rations } from '../../shared/ports.ts';

/** @param waitMs how long a turn takes to come; undefined: longer than anybody waits */
export function memoryRations(waitMs: () => number | undefined = () => 0): Rations {
  const addresses = new Map<string, NonNullable<Awaited<ReturnType<Rations['address']>>>>();
  return {
    address: async ({ id }) => addresses.get(id),
    keepAddress: async ({ id }, address) => void addresses.set(id, { ...address, since: new Date() }),
    forgetAddress: async ({ id }) => void addresses.delete(id),
    turn: async () => waitMs(),
  };
}
