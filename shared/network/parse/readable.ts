// What can be read of a policy that as a whole cannot: the rest stands for everything.
import type { Direction } from '../objects.ts';
import { directions } from '../objects.ts';
import { ObjectError } from './raw.ts';

/** @returns what the reader makes of a part, or what stands for everything when the part itself is what cannot be read */
export function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    return otherwise;
  }
}

/** @returns the directions for which `holds`; all of them when that cannot be read */
export const directionsWhere = (holds: (direction: Direction) => boolean): readonly Direction[] =>
  readable(() => directions.filter(holds), directions);
