// Reads what it can of a policy that cannot be understood as a whole: a part that cannot be read stands for everything.
import type { Direction } from '../objects.ts';
import { directions } from '../objects.ts';
import { ObjectError } from './raw.ts';

/** @returns what `read` makes of a part, or what stands for everything when the part cannot be read */
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
