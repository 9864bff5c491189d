// JSON input, with a place for every mistake.
import { parseDocument } from 'yaml';

/** Input that cannot be used: says what, where and what to do. */
export class InputError extends Error {}

/**
 * @param name of the file, for messages
 * @returns the values in the text: one as a rule, several in JSON lines or where several answers were written to one file
 * @throws InputError with line and column
 */
export function parseJson(text: string, name: string): readonly unknown[] {
  if (text.trim() === '') throw new InputError(`${name} is empty: JSON is expected, as az aks list -o json prints it`);
  try {
    return [JSON.parse(text)];
  } catch {
    return splitValues(text).map((piece) => parseOne(piece, text, name));
  }
}

interface Piece {
  readonly text: string;
  /** Where in the whole it begins. */
  readonly from: number;
}

/** Cuts after each bracket that closes an outermost one. Text outside of brackets is a piece of its own, which is not JSON. */
function splitValues(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let [start, depth] = [0, 0];
  const cut = (end: number): void => {
    const piece = text.slice(start, end).trim();
    if (piece !== '') pieces.push({ text: piece, from: text.indexOf(piece, start) });
    start = end;
  };
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++;
    else if ((token === ']' || token === '}') && --depth <= 0) {
      cut(index + 1);
      depth = 0;
    }
  }
  cut(text.length);
  return pieces;
}

function parseOne(piece: Piece, whole: string, name: string): unknown {
  try {
    return JSON.parse(piece.text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const before = whole.slice(0, piece.from + offsetOf(piece.text, cause)).split('\n');
    const what = cause.replace(/ (in JSON )?at position .*$/s, '');
    throw new InputError(`${name}:${before.length}:${before.at(-1)!.length + 1} is not valid JSON: ${what}`);
  }
}

/** @returns where in the text the mistake is */
function offsetOf(text: string, cause: string): number {
  const told = /at position (\d+)/.exec(cause)?.[1];
  if (told !== undefined) return Number(told);
  if (!/^[[{]/.test(text)) return 0;
  // Some errors name no position; every JSON text is YAML 1.2, whose parser always does.
  return parseDocument(text).errors[0]?.pos[0] ?? text.length;
}
