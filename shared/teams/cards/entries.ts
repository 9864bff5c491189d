// Lists of what people made: silences and exemptions, each with its end, its author and its reason.
import type { CardMessage } from '../../ports.ts';
import type { Element } from './parts/elements.ts';
import { button, text } from './parts/elements.ts';
import { pagedCard } from './parts/paged.ts';
import { clip } from './parts/words.ts';

/** As many as there are buttons to end them, beside the one for the next page. */
const PER_PAGE = 5;

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface EntriesWords {
  readonly headline: string;
  /** Below the list. */
  readonly note?: string;
  /** The command that shows this list, without a page. */
  readonly command: string;
  /** Title of the button that ends one, and the command that it runs with the id after it. */
  readonly end: { readonly title: string; readonly command: string };
}

/** @param page counted from 1 */
export const entriesCard = (all: readonly Entry[], words: EntriesWords, page: number): CardMessage =>
  pagedCard(
    {
      headline: words.headline,
      head: [text(words.headline, { size: 'large', bold: true })],
      all,
      perPage: PER_PAGE,
      block,
      ...(words.note === undefined ? {} : { note: words.note }),
      more: { title: `More ${words.command}`, command: words.command },
      buttons: (shown) => shown.map(({ id }) => button(`${words.end.title} ${id}`, `${words.end.command} ${id}`)),
    },
    page,
  );

const block = ({ title, lines }: Entry): Element => ({
  type: 'Container',
  separator: true,
  items: [
    text(clip(title, 200), { bold: true }),
    ...lines.map((line) => text(clip(line, 200), { size: 'small', spacing: 'none' })),
  ],
});
