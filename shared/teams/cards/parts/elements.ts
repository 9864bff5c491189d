// The few Adaptive Card elements that every card is made of. All text is a run of plain text: nothing that comes from a cluster is read as markdown.
import type { Color } from './colors.ts';
import { clip } from './words.ts';

export type Element = Readonly<Record<string, unknown>>;

export interface TextStyle {
  readonly size?: 'small' | 'default' | 'medium' | 'large' | 'extraLarge';
  readonly bold?: boolean;
  readonly color?: Color;
  readonly subtle?: boolean;
  readonly monospace?: boolean;
  readonly spacing?: 'none' | 'small' | 'default' | 'medium' | 'large';
}

/** A command longer than this is not understood, so no button carries one. */
export const MAX_COMMAND_CHARS = 1_000;

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
