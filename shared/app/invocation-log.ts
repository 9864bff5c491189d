// What is logged while a function runs goes to its invocation: the platform then knows its level and which run it belongs to.
// What a process writes by itself arrives there as information, and as whatever the words `warn` and `error` in it suggest.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogLevel } from '../log.ts';

/** Of the platform's context for one invocation. */
export interface Invocation {
  readonly invocationId: string;
  readonly functionName: string;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

interface Running {
  readonly invocation: Invocation;
  readonly fields: Readonly<Record<string, string>>;
  /** What goes on in the background is no longer part of the invocation. */
  ended: boolean;
}

const running = new AsyncLocalStorage<Running>();
const current = (): Running | undefined => {
  const found = running.getStore();
  return found?.ended ? undefined : found;
};

/**
 * @param input what the function is started with: where it is a message of the scan, its ids become fields of every line
 * @param handler of the function
 * @returns the handler, which logs to its invocation
 */
export function logWithin<A extends unknown[], R>(
  invocation: Invocation,
  input: unknown,
  handler: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  return (...args) => {
    const state: Running = { invocation, fields: fieldsOf(invocation, input), ended: false };
    return running.run(state, async () => {
      try {
        return await handler(...args);
      } finally {
        state.ended = true;
      }
    });
  };
}

function fieldsOf({ functionName, invocationId }: Invocation, input: unknown): Readonly<Record<string, string>> {
  const { scanId, id, subscriptionId, subscription } = (input ?? {}) as Readonly<Record<string, unknown>>;
  const known = {
    scanId,
    cluster: subscriptionId === undefined ? undefined : id,
    subscription: subscriptionId ?? (subscription as { id?: unknown } | undefined)?.id,
  };
  const texts = Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { function: functionName, invocation: invocationId, ...Object.fromEntries(texts) };
}

/** @returns what every line of the present invocation says; nothing outside of any */
export const invocationFields = (): Readonly<Record<string, string>> => current()?.fields ?? {};

/** Writes a finished line to the present invocation; outside of any, to where the platform takes it for nothing less than it is. */
export function writeLine(level: LogLevel, line: string): void {
  const found = current();
  if (found) found.invocation[level](line);
  else if (level === 'info') process.stdout.write(`${line}\n`);
  else process.stderr.write(`${line}\n`);
}
