// A whole card: its elements and buttons within the size that Teams takes, and a warning on top where there is one.
import type { CardMessage } from '../../../ports.ts';
import type { Element } from './elements.ts';
import { text } from './elements.ts';
import { clip, counted } from './words.ts';

/** Teams refuses messages of about 28 KB; this leaves room for the envelope (facts: 25 KB of UTF-8 a card). */
export const MAX_CARD_BYTES = 25_000;
/** Kept free for what comes on top of a finished card or below it: a warning, and how much was left out. */
export const RESERVED_BYTES = 3_500;
/** Teams shows at most this many buttons on a card. */
export const MAX_ACTIONS = 6;
/** What they may take together: each carries a whole command. */
export const BUTTONS_BYTES = 4_000;

/** @returns what it takes of a card */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * @param summary the plain sentence for notifications and old clients
 * @param body elements in order; those that would make the card too large are left out, from the end, and the card says so
 * @param buttons the first ones of them that fit
 */
export function card(summary: string, body: readonly Element[], buttons: readonly Element[] = []): CardMessage {
  const actions = fitting(buttons.slice(0, MAX_ACTIONS));
  const make = (elements: readonly Element[]): Record<string, unknown> => ({
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    msteams: { width: 'Full' },
    body: elements,
    ...(actions.length > 0 ? { actions } : {}),
  });
  const kept = [...body];
  let left = 0;
  while (bytesOf(make(kept)) > MAX_CARD_BYTES - RESERVED_BYTES && kept.length > 1) {
    kept.pop();
    left++;
  }
  if (left > 0)
    kept.push(
      text(`${counted(left, 'more part')} did not fit on this card: ask about one cluster, or use the HTTP API.`, {
        subtle: true,
      }),
    );
  return { summary: clip(summary, 300), card: make(kept) };
}

function fitting(buttons: readonly Element[]): readonly Element[] {
  let left = BUTTONS_BYTES;
  return buttons.filter((one) => (left -= bytesOf(one) + 1) >= 0);
}

/** @returns the card with a warning on top, when there is something to warn of; room for two sentences is kept free on every card */
export function warned(message: CardMessage, ...sentences: readonly (string | undefined)[]): CardMessage {
  const said = sentences.filter((sentence) => sentence !== undefined);
  if (said.length === 0) return message;
  const body = message.card['body'] as readonly Element[];
  return { ...message, card: { ...message.card, body: [warning(...said), ...body] } };
}

/** A box that stands out: what has to be seen before everything else. */
export const warning = (...sentences: readonly string[]): Element => ({
  type: 'Container',
  style: 'warning',
  items: sentences.map((sentence, index) => text(clip(sentence, 240), index === 0 ? { bold: true } : {})),
});
