// Going past a row that cannot be read: one that is damaged, or of a newer version, keeps nobody from being told.
import { StoredRowError } from '../store/body.ts';

/** @returns what was read; undefined when its row cannot be read @throws everything else */
export const ifReadable = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (error instanceof StoredRowError) return undefined;
    throw error;
  });
