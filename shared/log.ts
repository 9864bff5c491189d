// Log lines: one JSON object each, with secrets taken out before anything is written.
import type { Clock, Log } from './ports.ts';

const SECRETS: readonly [RegExp, string][] = [
  // Words after "bearer" are shorter than any token; what a server asks for has a name: Bearer realm="…".
  [/\bBearer\s+(?!\w+=")[\w.~+/=-]{16,}/gi, 'Bearer ***'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***jwt***'],
  [/((?:AccountKey|SharedAccessSignature|client_secret|password|\bsig|[?&]code)=)"?[^;&\s"]+/gi, '$1***'],
];

/** @returns the text without tokens, keys and signatures */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text);
}

export type LogLevel = 'info' | 'warn' | 'error';

/**
 * @param write gets each finished line
 * @param always fields that every line has as it is written; what a line says itself goes before them
 * @returns the port
 */
export function createLog(
  clock: Clock,
  write: (level: LogLevel, line: string) => void,
  always: () => Readonly<Record<string, unknown>> = () => ({}),
): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const line = { time: clock.now().toISOString(), level, message, ...always(), ...fields };
      write(level, JSON.stringify(line, clean));
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Text is cleaned before it is quoted: a backslash of the quoting would be taken for a part of the secret. */
const clean = (key: string, value: unknown): unknown =>
  typeof value === 'string' ? redact(value) : plainError(key, value);

/** An Error has no enumerable fields: without this a log line would say `{}` where the cause should stand. */
function plainError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    message: value.message,
    ...(value.cause === undefined
      ? {}
      : { cause: value.cause instanceof Error ? value.cause.message : JSON.stringify(value.cause, clean) }),
  };
}
