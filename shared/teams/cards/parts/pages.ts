// Long lists, page by page: what does not fit on a page stands on the next one.

export interface Page<T> {
  readonly items: readonly T[];
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
}

export interface PageLimits<T> {
  /** A page holds at most this many items. */
  readonly most: number;
  /** What the items of a page may take together. */
  readonly room: number;
  /** An item that takes more than the room has a page of its own. */
  readonly sizeOf: (item: T) => number;
}

/** @param wanted counted from 1; a number outside the pages gives the nearest one @returns that page; each item is on exactly one */
export function pageOf<T>(all: readonly T[], { most, room, sizeOf }: PageLimits<T>, wanted: number): Page<T> {
  const pages: T[][] = [[]];
  let left = room;
  for (const item of all) {
    const size = sizeOf(item);
    const page = pages.at(-1)!;
    if (page.length === 0 || (page.length < most && size <= left)) page.push(item);
    else {
      pages.push([item]);
      left = room;
    }
    left -= size;
  }
  const number = Math.min(Math.max(1, wanted), pages.length);
  return { items: pages[number - 1]!, number, of: pages.length };
}
