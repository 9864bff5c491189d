// Log lines: one JSON object each, with secrets taken out before anything is written.
import type { Clock, Log } from './ports.ts';

const SECRETS: readonly [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer ***'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***jwt***'],
  [/((?:AccountKey|SharedAccessSignature|sig|client_secret|password|code)=)[^;&\s"]+/gi, '$1***'],
];

/** @returns the text without tokens, keys and signatures */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text);
}

export type LogLevel = 'info' | 'warn' | 'error';

/** @param write gets each finished line @returns the port */
export function createLog(clock: Clock, write: (level: LogLevel, line: string) => void): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      write(level, redact(JSON.stringify({ time: clock.now().toISOString(), level, message, ...fields }, plainError)));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** An Error has no enumerable fields: without this a log line would say `{}` where the cause should stand. */
function plainError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    message: value.message,
    ...(value.cause === undefined
      ? {}
      : { cause: value.cause instanceof Error ? value.cause.message : JSON.stringify(value.cause) }),
  };
}
