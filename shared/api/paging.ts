// Pages of a list: each links to the next by an absolute address, and the last has no link (Azure REST API guidelines). No page grows with what it
// is about: it ends after so many items, or earlier where they are long.
import { z } from 'zod';
import { wholeField } from './fields.ts';
import type { ApiRequest } from './http.ts';

const DEFAULT_PAGE = 100;
/** A page ends before the item that would make it larger; it always has one, so that whoever follows the links arrives. */
export const MAX_PAGE_BYTES = 512 * 1024;
/** What stands beside a list, and is no list of its own, is shown up to this many, with the count of all. */
export const MOST_BESIDE = 20;

export const pageParameters = {
  maxpagesize: wholeField(1, 1000).optional(),
  skip: wholeField(0, 1_000_000).optional(),
  top: wholeField(0, 1_000_000).optional(),
};

export const countField = z.int().min(0);

/** What a page looks like. */
export const pageSchema = <I extends z.ZodType>(item: I) =>
  z.strictObject({ value: z.array(item), nextLink: z.url().exactOptional() });

/** The same with how many there are on all pages, where that is known. */
export const countedSchema = <I extends z.ZodType>(item: I) => pageSchema(item).extend({ count: countField });

type PageQuery = { readonly [K in keyof typeof pageParameters]?: number | undefined };
export type PageAsked = Pick<ApiRequest, 'url'> & { readonly query: PageQuery };

export interface Page<I> {
  readonly value: readonly I[];
  readonly nextLink?: string;
}

/**
 * @param found the whole list; one that is read as it goes is read no further than to the item behind the page
 * @param show what the API shows of an item
 * @returns the page that was asked for
 */
export async function pageOf<T, I>(
  found: AsyncIterable<T> | Iterable<T>,
  show: (item: T) => I,
  { url, query: { maxpagesize = DEFAULT_PAGE, skip = 0, top = Number.POSITIVE_INFINITY } }: PageAsked,
): Promise<Page<I>> {
  const value: I[] = [];
  let before = skip;
  let bytes = 0;
  if (top === 0) return { value };
  for await (const one of found) {
    if (before-- > 0) continue;
    const item = show(one);
    bytes += Buffer.byteLength(JSON.stringify(item));
    const isFull = value.length === maxpagesize || (bytes > MAX_PAGE_BYTES && value.length > 0);
    if (isFull) return { value, nextLink: nextLink(url, skip + value.length, top - value.length) };
    value.push(item);
    if (value.length === top) break;
  }
  return { value };
}

/** The same of a list that is there as a whole, with its length. */
export const countedPageOf = async <T, I>(
  found: readonly T[],
  show: (item: T) => I,
  asked: PageAsked,
): Promise<Page<I> & { readonly count: number }> => ({ count: found.length, ...(await pageOf(found, show, asked)) });

/** @returns how much of a list must be read for a page of it, and to know whether another follows */
export const neededFor = ({
  maxpagesize = DEFAULT_PAGE,
  skip = 0,
  top = Number.POSITIVE_INFINITY,
}: PageQuery): number => skip + Math.min(maxpagesize + 1, top);

function nextLink(url: URL, skip: number, top: number): string {
  const next = new URL(url);
  next.searchParams.delete('code');
  next.searchParams.set('skip', String(skip));
  if (Number.isFinite(top)) next.searchParams.set('top', String(top));
  return next.href;
}
