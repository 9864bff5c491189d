// Answers of a real API server, recorded by `npm run test:cluster -- --kubeconfig FILE --record`.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly accept?: string };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or text; absent where it was too large to keep, or is neither. */
  readonly body?: unknown;
  /** What is neither JSON nor text. */
  readonly base64?: string;
}

const FOLDER = fileURLToPath(new URL('recorded', import.meta.url));

/** @returns the answer of this name */
export const recorded = (name: string): Recording =>
  JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as Recording;

export const recordedNames = (): readonly string[] => readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
