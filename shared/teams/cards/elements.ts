// The few Adaptive Card elements that every card is made of. All text is a run of plain text: nothing that comes from a cluster is read as markdown.
import type { CardMessage } from '../../ports.ts';
import type { Severity, Verdict } from '../../model/verdict.ts';

export type Element = Readonly<Record<string, unknown>>;
export type Color = 'default' | 'good' | 'warning' | 'attention' | 'accent';

export interface TextStyle {
  readonly size?: 'small' | 'default' | 'medium' | 'large' | 'extraLarge';
  readonly bold?: boolean;
  readonly color?: Color;
  readonly subtle?: boolean;
  readonly monospace?: boolean;
  readonly spacing?: 'none' | 'small' | 'default' | 'medium' | 'large';
}

/** Teams refuses messages of about 28 KB; this leaves room for the envelope (facts: 25 KB of UTF-8 a card). */
export const MAX_CARD_BYTES = 25_000;
/** Kept free for what comes on top of a finished card or below it: a warning, and how much was left out. */
const RESERVED_BYTES = 2_000;
/** A command longer than this is not understood, so no button carries one. */
export const MAX_COMMAND_CHARS = 1_000;
/** Teams shows no more buttons on a card. */
export const MAX_ACTIONS = 6;
/** A text longer than this is cut, with a mark: a card is not for reading pages. */
const MAX_TEXT_CHARS = 1_200;

/** @returns a text of at most `most` UTF-16 units, with a mark where it was cut; no character is cut in half */
export const clip = (text: string, most = MAX_TEXT_CHARS): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** A word longer than this is wider than a card on a phone. */
const MAX_WORD_CHARS = 30;
const LONG_WORDS = new RegExp(`[^\\s/\\-\u200b]{${MAX_WORD_CHARS}}(?=[^\\s/\\-\u200b])`, 'gu');
/** Lets a long word continue on the next line, by a zero-width space. */
const breakable = (content: string): string => content.replace(LONG_WORDS, '$&\u200b');

/** One block of plain text. */
export function text(content: string, style: TextStyle = {}): Element {
  const { size, bold, color, subtle, monospace, spacing } = style;
  const run = {
    type: 'TextRun',
    text: monospace ? clip(content) : breakable(clip(content)),
    ...(size ? { size } : {}),
    ...(bold ? { weight: 'bolder' } : {}),
    ...(color ? { color } : {}),
    ...(subtle ? { isSubtle: true } : {}),
    ...(monospace ? { fontType: 'monospace' } : {}),
  };
  return { type: 'RichTextBlock', inlines: [run], ...(spacing ? { spacing } : {}) };
}

/** Each line is an element of its own and costs ten times its text. */
const MAX_LINES = 40;

/**
 * Something to copy, in a box of its own. Runs of spaces collapse in plain text, which would break a manifest: an indented one
 * is a code block, and where that is not supported it is at least shown as it is.
 */
export function code(content: string): Element {
  const lines = clip(content).split('\n');
  const kept = lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES - 1), '…'];
  const plain = {
    type: 'Container',
    style: 'emphasis',
    spacing: 'small',
    items: kept.map((line) => text(indented(line), { size: 'small', monospace: true, spacing: 'none' })),
  };
  if (!kept.some((line) => /^\s/.test(line))) return plain;
  return {
    type: 'CodeBlock',
    language: 'PlainText',
    codeSnippet: kept.join('\n'),
    spacing: 'small',
    fallback: plain,
  };
}

const indented = (line: string): string => line.replace(/^ +/, (spaces) => '\u00a0'.repeat(spaces.length));

/** A box that stands out: what has to be seen before everything else. */
export const warning = (...sentences: readonly string[]): Element => ({
  type: 'Container',
  style: 'warning',
  items: sentences.map((sentence, index) => text(clip(sentence, 240), index === 0 ? { bold: true } : {})),
});

/** Columns of equal weight unless a width is given. */
export const columns = (
  ...cells: readonly { readonly items: readonly Element[]; readonly width?: string }[]
): Element => ({
  type: 'ColumnSet',
  columns: cells.map(({ items, width }) => ({ type: 'Column', width: width ?? 'stretch', items })),
});

/** A button that runs a command, as if the person had typed it. */
export const button = (title: string, command: string): Element => ({
  type: 'Action.Submit',
  title: clip(title, 60),
  data: { verb: 'command', command },
});

/** @returns the buttons whose commands are short enough to be understood */
export const usable = (buttons: readonly Element[]): readonly Element[] =>
  buttons.filter(
    (one) => ((one['data'] as { command?: string } | undefined)?.command ?? '').length <= MAX_COMMAND_CHARS,
  );

export const verdictColor: Readonly<Record<Verdict, Color>> = {
  fail: 'attention',
  unknown: 'warning',
  exempt: 'accent',
  pass: 'good',
  notApplicable: 'default',
};

export const severityColor: Readonly<Record<Severity, Color>> = {
  high: 'attention',
  medium: 'warning',
  low: 'accent',
  info: 'default',
};

export const chartColor: Readonly<Record<Verdict, string>> = {
  fail: 'attention',
  unknown: 'warning',
  exempt: 'categoricalBlue',
  pass: 'good',
  notApplicable: 'neutral',
};

/** `1 change`, `3 changes` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `2026-11-21 01:30 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** `3 minutes`, `2 hours`, `5 days` */
export function age(fromIso: string, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - new Date(fromIso).getTime()) / 60_000));
  const [count, unit] =
    minutes < 90
      ? [minutes, 'minute']
      : minutes < 2_880
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1_440), 'day'];
  return counted(count, unit);
}

/**
 * @param summary the plain sentence for notifications and old clients
 * @param body elements in order; those that would make the card too large are left out, from the end, and the card says so
 */
export function card(summary: string, body: readonly Element[], actions: readonly Element[] = []): CardMessage {
  const make = (elements: readonly Element[]): Record<string, unknown> => ({
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    msteams: { width: 'Full' },
    body: elements,
    ...(actions.length > 0 ? { actions: actions.slice(0, MAX_ACTIONS) } : {}),
  });
  const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  const kept = [...body];
  let left = 0;
  while (size(make(kept)) > MAX_CARD_BYTES - RESERVED_BYTES && kept.length > 1) {
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

/** @returns the card with a warning on top, when there is something to warn of; room for it is kept free on every card */
export function warned(message: CardMessage, sentence: string | undefined): CardMessage {
  if (sentence === undefined) return message;
  const body = message.card['body'] as readonly Element[];
  return { ...message, card: { ...message.card, body: [warning(sentence), ...body] } };
}
