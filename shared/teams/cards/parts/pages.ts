// Long lists, page by page.

export interface Page<T> {
  readonly items: readonly T[];
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
}

/** @param wanted counted from 1; a number outside the pages gives the nearest one */
export function pageOf<T>(all: readonly T[], perPage: number, wanted: number): Page<T> {
  const of = Math.max(1, Math.ceil(all.length / perPage));
  const number = Math.min(Math.max(1, wanted), of);
  return { items: all.slice((number - 1) * perPage, number * perPage), number, of };
}
