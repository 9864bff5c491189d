// Tables for people: coloured and cut to the terminal's width; plain and whole when piped.
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  readonly style?: (row: T) => Style | undefined;
  /** May be cut short when the terminal is narrow. */
  readonly shrinks?: boolean;
}

export interface TableOptions {
  /** Characters per line; undefined means as many as needed. */
  readonly width: number | undefined;
  readonly color: boolean;
}

/** @returns how to print to a stream: in colour and cut to a width only for a person at a terminal */
export function tableOptions(stream: NodeJS.WriteStream): TableOptions {
  const wanted = stream.isTTY && !process.env['NO_COLOR'];
  return { width: stream.isTTY ? stream.columns : undefined, color: wanted };
}

/** Control characters out of names and messages: what comes from a cluster must not drive the terminal. */
// oxlint-disable-next-line no-control-regex -- removing control characters is the point
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

export const paint = (text: string, style: Style | undefined, color: boolean): string =>
  color && style !== undefined ? styleText(style, text, { validateStream: false }) : text;

/** @returns the text as lines of at most so many characters, cut between words; a longer word has a line of its own */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** @returns lines: a heading and a row each */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], options: TableOptions): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...cells.map((line) => line[i]!.length)));
  fit(widths, columns, options.width);
  const line = (texts: readonly string[], style: (index: number) => Style | undefined): string =>
    texts
      .map((text, i) => {
        const cut = text.length > widths[i]! ? `${text.slice(0, widths[i]! - 1)}…` : text;
        return paint(i === texts.length - 1 ? cut : cut.padEnd(widths[i]!), style(i), options.color);
      })
      .join('  ')
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      () => 'dim',
    ),
    ...rows.map((row, r) => line(cells[r]!, (i) => columns[i]!.style?.(row))),
  ];
}

/** Takes from the widest column that may shrink until the line fits. */
function fit(
  widths: number[],
  columns: readonly Column<never>[] | readonly unknown[],
  width: number | undefined,
): void {
  if (width === undefined) return;
  const shrinkable = (columns as readonly { shrinks?: boolean }[]).map((column) => column.shrinks ?? false);
  const total = (): number => widths.reduce((sum, w) => sum + w, 0) + 2 * (widths.length - 1);
  while (total() > width) {
    const widest = widths.reduce(
      (best, w, i) => (shrinkable[i] && w > 8 && (best === -1 || w > widths[best]!) ? i : best),
      -1,
    );
    if (widest === -1) return;
    widths[widest]! -= Math.min(widths[widest]! - 8, total() - width);
  }
}
