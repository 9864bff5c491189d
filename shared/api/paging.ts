// Pages of a list: each links to the next by an absolute address, and the last has no link (Azure REST API guidelines).
import { z } from 'zod';
import { wholeField } from './fields.ts';
import type { ApiRequest } from './http.ts';

export const DEFAULT_PAGE = 100;

export const pageParameters = {
  maxpagesize: wholeField(1, 1000).optional(),
  skip: wholeField(0, 1_000_000).optional(),
  top: wholeField(0, 1_000_000).optional(),
};

/** What a page looks like. */
export const pageSchema = <I extends z.ZodType>(item: I) =>
  z.strictObject({ value: z.array(item), nextLink: z.url().exactOptional() });

type PageQuery = { readonly [K in keyof typeof pageParameters]?: number | undefined };

export interface Page<I> {
  readonly value: readonly I[];
  readonly nextLink?: string;
}

/** @param found the whole list @param show what the API shows of an item @returns the page that was asked for */
export function pageOf<T, I>(
  found: readonly T[],
  show: (item: T) => I,
  {
    url,
    query: { maxpagesize = DEFAULT_PAGE, skip = 0, top },
  }: Pick<ApiRequest, 'url'> & { readonly query: PageQuery },
): Page<I> {
  const most = top === undefined ? found.length : Math.min(found.length, skip + top);
  const end = Math.min(most, skip + maxpagesize);
  const value = found.slice(skip, end).map(show);
  return end >= most ? { value } : { value, nextLink: nextLink(url, skip, value.length, top) };
}

/** The same of a list that is read no further than to the end of the page. */
export async function pageOfStream<T, I>(
  found: AsyncIterable<T>,
  show: (item: T) => I,
  {
    url,
    query: { maxpagesize = DEFAULT_PAGE, skip = 0, top },
  }: Pick<ApiRequest, 'url'> & { readonly query: PageQuery },
): Promise<Page<I>> {
  const value: I[] = [];
  let index = 0;
  if (top === 0) return { value };
  for await (const item of found) {
    if (value.length === maxpagesize) return { value, nextLink: nextLink(url, skip, value.length, top) };
    if (index++ >= skip) value.push(show(item));
    if (value.length === top) break;
  }
  return { value };
}

function nextLink(url: URL, skip: number, shown: number, top: number | undefined): string {
  const next = new URL(url);
  next.searchParams.delete('code');
  next.searchParams.set('skip', String(skip + shown));
  if (top !== undefined) next.searchParams.set('top', String(top - shown));
  return next.href;
}
