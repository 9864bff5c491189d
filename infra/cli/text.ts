// Files as text, whatever encoding they were saved in.
import { readFileSync } from 'node:fs';
import { InputError } from './input.ts';

/** @param file or `-` for standard input @returns its text without a byte order mark @throws InputError */
export function readText(file: string, stdin?: () => Uint8Array): string {
  const name = file === '-' ? 'standard input' : file;
  let bytes: Uint8Array;
  try {
    bytes = file === '-' && stdin ? stdin() : readFileSync(file);
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return decode(bytes, name);
}

/** @param name of the file, for messages @returns the text without a byte order mark @throws InputError with the line where it stops being text */
export function decode(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const before = new TextDecoder(encoding).decode(bytes).split('\uFFFD', 1)[0]!;
    throw new InputError(
      `${name}:${before.split('\n').length} is not ${encoding.toUpperCase()} text: save it as UTF-8`,
    );
  }
}

/** Windows PowerShell's `>` writes UTF-16 with a mark. JSON and YAML begin with ASCII: a zero byte tells UTF-16 without one (RFC 4627, section 3). */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined)) return 'utf-16be';
  return 'utf-8';
}
