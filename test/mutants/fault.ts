// A deliberate fault: a small patch kept as data, and the check that has to notice it.
import { readFileSync, readdirSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const text = z.string().min(1);
/** `tests`: files of unit tests. `simulation`: seeds from 1 on, and the virtual hours of each. `soak`: minutes. */
const checkSchema = z.union([
  z.strictObject({ tests: z.array(text).min(1) }),
  z.strictObject({ simulation: z.strictObject({ seeds: z.int().positive(), hours: z.int().positive() }) }),
  z.strictObject({ soak: z.int().positive() }),
]);
export type Check = z.infer<typeof checkSchema>;

const faultSchema = z.strictObject({
  name: text,
  file: text,
  /** Stands in the file exactly once. */
  from: text,
  to: z.string(),
  noticedBy: checkSchema,
});
export interface Fault extends z.infer<typeof faultSchema> {
  /** The file that it is declared in, without its ending. */
  readonly room: string;
}

const folder = join(import.meta.dirname, 'faults');

/** @returns every fault, room by room @throws when a file is not what it should be, or two faults have one name */
export function readFaults(): readonly Fault[] {
  const found = readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const declared = z.array(faultSchema).parse(parse(readFileSync(join(folder, file), 'utf8')));
      return declared.map((fault) => ({ ...fault, room: basename(file, '.yaml') }));
    });
  const twice = found.find(({ name }, i) => found.findIndex((other) => other.name === name) < i);
  if (twice) throw new Error(`Two faults are named "${twice.name}"`);
  return found;
}

/**
 * @param source the file as it is
 * @returns the file with the fault in it
 * @throws when the text to replace does not stand there exactly once, or what comes out is not TypeScript
 */
export function withFault({ name, file, from, to }: Fault, source: string): string {
  const times = source.split(from).length - 1;
  if (times !== 1)
    throw new Error(`The fault "${name}" does not fit any more: its text stands in ${file} ${times} times`);
  const faulty = source.replace(from, () => to);
  try {
    stripTypeScriptTypes(faulty);
  } catch (error) {
    throw new Error(`The fault "${name}" makes ${file} unreadable, which any check would notice`, { cause: error });
  }
  return faulty;
}
