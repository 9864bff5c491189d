// Lists of what people made: silences and exemptions, each with its end, its author and its reason.
import type { CardMessage } from '../../ports.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { button, text } from './parts/elements.ts';
import { clip } from './parts/words.ts';

const MOST = 10;
const MOST_BUTTONS = 5;

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface EntriesWords {
  readonly headline: string;
  /** Below the list. */
  readonly note?: string;
  /** Title of the button that ends one, and the command that it runs with the id after it. */
  readonly end: { readonly title: string; readonly command: string };
}

export function entriesCard(entries: readonly Entry[], { headline, note, end }: EntriesWords): CardMessage {
  const more = entries.length - MOST;
  const body: Element[] = [
    text(headline, { size: 'large', bold: true }),
    ...entries.slice(0, MOST).map(block),
    ...(more > 0 ? [text(`and ${more} more: the HTTP API lists them all`, { subtle: true })] : []),
    ...(note === undefined ? [] : [text(note, { size: 'small', subtle: true })]),
  ];
  const buttons = entries.slice(0, MOST_BUTTONS).map(({ id }) => button(`${end.title} ${id}`, `${end.command} ${id}`));
  return card(headline, body, buttons);
}

const block = ({ title, lines }: Entry): Element => ({
  type: 'Container',
  separator: true,
  items: [
    text(clip(title, 200), { bold: true }),
    ...lines.map((line) => text(clip(line, 200), { size: 'small', spacing: 'none' })),
  ],
});
