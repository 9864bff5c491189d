// Input files: JSON with a place for every mistake, and the shapes in which tools export clusters.
import { parseDocument } from 'yaml';

/** Input that cannot be used: says what, where and what to do. */
export class InputError extends Error {}

/** @param name of the file, for messages @throws InputError with line and column */
export function parseJson(text: string, name: string): unknown {
  const clean = text.replace(/^\uFEFF/, '');
  if (clean.trim() === '') throw new InputError(`${name} is empty: JSON is expected, as az aks list -o json prints it`);
  try {
    return JSON.parse(clean) as unknown;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new InputError(`${name}${placeOf(clean, cause)} is not valid JSON: ${cause}`);
  }
}

function placeOf(text: string, cause: string): string {
  const told = /line (\d+) column (\d+)/.exec(cause);
  if (told) return `:${told[1]}:${told[2]}`;
  // Some errors name no position; every JSON text is YAML 1.2, whose parser always does.
  const position = parseDocument(text).errors[0]?.linePos?.[0];
  const end = text.split('\n');
  return position ? `:${position.line}:${position.col}` : `:${end.length}:${end.at(-1)!.length + 1}`;
}

/** @returns the bodies of an array, of `{value: []}`, or the single one @throws InputError when it is none of them */
export function toBodies(json: unknown, name: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  if (json === null || typeof json !== 'object')
    throw new InputError(
      `${name} holds ${json === null ? 'null' : `a ${typeof json}`}; an array of clusters, {"value":[...]} or one cluster is expected`,
    );
  const { value } = json as { value?: unknown };
  if (Array.isArray(value)) return value;
  if (value !== undefined) throw new InputError(`${name}: "value" is no array`);
  return [json];
}
