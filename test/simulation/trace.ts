// What happened, a line each: the last lines to read, and a hash over all of them to compare runs by.
import { createHash } from 'node:crypto';

/** Lines to remember. */
const KEPT = 60;

export interface Trace {
  line(text: string): void;
  last(): readonly string[];
  hash(): string;
  lines(): number;
}

/** @param now milliseconds since 1970 @param write gets every line, where somebody wants them all */
export function createTrace(now: () => number, write?: (line: string) => void): Trace {
  const ring: string[] = [];
  const hash = createHash('sha256');
  let lines = 0;
  return {
    line(text) {
      const line = `${now()} ${text}`;
      hash.update(line).update('\n');
      ring[lines++ % KEPT] = line;
      write?.(readable(line));
    },
    last() {
      const from = lines % KEPT;
      const ordered = lines < KEPT ? ring : [...ring.slice(from), ...ring.slice(0, from)];
      return ordered.map(readable);
    },
    hash: () => hash.copy().digest('hex').slice(0, 16),
    lines: () => lines,
  };
}

const readable = (line: string): string =>
  line.replace(/^\d+/, (ms) => new Date(Number(ms)).toISOString().slice(5, 23));
