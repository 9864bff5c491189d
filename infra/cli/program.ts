// What every command shares: where it reads and writes, and how it ends when its input cannot be used.
import { readFileSync } from 'node:fs';
import { InputError } from './input.ts';
import type { TableOptions } from './table.ts';
import { printable, tableOptions } from './table.ts';

export interface Io {
  readonly stdin: () => Uint8Array;
  readonly out: (text: string) => void;
  /** One message for people, on standard error. */
  readonly say: (message: string) => void;
  readonly table: TableOptions;
}

/** @returns the exit code */
export type Command = (args: readonly string[], io: Io) => number;

/** @returns the command, which tells what is wrong with its options or its input and returns 2 instead of throwing */
export function command(main: Command): Command {
  return (args, io) => {
    try {
      return main(args, io);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const line of message.split('\n')) io.say(line);
      // node:util tells wrong options by a TypeError with a code.
      if (error instanceof InputError || (error instanceof TypeError && 'code' in error)) io.say('See --help.');
      return 2;
    }
  };
}

/** Runs a command as this process. */
export function runAsProcess(run: Command): void {
  // Whoever reads may stop early, as head does: that is not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const io: Io = {
    stdin: () => readFileSync(0),
    out: (text) => void process.stdout.write(text),
    say: (message) => void process.stderr.write(`${printable(message)}\n`),
    table: tableOptions(process.stdout),
  };
  process.exitCode = run(process.argv.slice(2), io);
}
