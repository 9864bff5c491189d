// A card that shows one page of a list, with a button for the next page.
import type { CardMessage } from '../../../ports.ts';
import { BUTTONS_BYTES, MAX_CARD_BYTES, RESERVED_BYTES, bytesOf, card } from './card.ts';
import type { Element } from './elements.ts';
import { button, text, usable } from './elements.ts';
import { pageOf } from './pages.ts';

/** A list in chat goes no further than this, and says so: nobody turns a hundred pages, and each item costs time on every page. */
const MOST_LISTED = 1_000;

export interface Listing<T> {
  readonly headline: string;
  /** On top of every page. */
  readonly head: readonly Element[];
  readonly all: readonly T[];
  readonly perPage: number;
  readonly block: (item: T) => Element;
  /** For an item whose block would not fit on any page. */
  readonly brief?: (item: T) => Element;
  /** At the end of every page. */
  readonly tail?: readonly Element[];
  /** The last line of every page, before its number. */
  readonly note?: string;
  /** The title of the button for the next page, and the command that shows the list, to which the page is added. */
  readonly more: { readonly title: string; readonly command: string };
  readonly buttons: (shown: readonly T[]) => readonly Element[];
}

/** @param wanted the page, counted from 1; the nearest one when there is no such page */
export function pagedCard<T>(listing: Listing<T>, wanted: number): CardMessage {
  const { headline, head, perPage, block, brief = block, tail = [], more, buttons } = listing;
  const all = listing.all.slice(0, MOST_LISTED);
  const rest = listing.all.length - all.length;
  const note = rest > 0 ? [listing.note, `${rest} more are not listed here`].filter(Boolean).join(' · ') : listing.note;
  const last = (page?: string): readonly Element[] => {
    const words = [note, page].filter((part) => part !== undefined);
    return words.length === 0 ? [] : [text(words.join(' · '), { size: 'small', subtle: true })];
  };
  const around = bytesOf([...head, ...tail, ...last('page 99999 of 99999')]);
  const room = MAX_CARD_BYTES - RESERVED_BYTES - BUTTONS_BYTES - around;
  const sized = all.map((item) => {
    const whole = block(item);
    const element = bytesOf(whole) < room ? whole : brief(item);
    return { item, element, size: bytesOf(element) + 1 };
  });
  const { items, number, of } = pageOf(sized, { most: perPage, room, sizeOf: ({ size }) => size }, wanted);
  const next = number < of ? [button(more.title, `${more.command} ${number + 1}`)] : [];
  const page = of > 1 ? `page ${number} of ${of}` : undefined;
  return card(
    headline,
    [...head, ...items.map(({ element }) => element), ...tail, ...last(page)],
    usable([...next, ...buttons(items.map(({ item }) => item))]),
  );
}
