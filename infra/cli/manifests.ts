// A folder of manifests: YAML and JSON, several documents a file, Lists, nested folders.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { InputError } from './input.ts';

const EXTENSIONS = /\.(ya?ml|json)$/i;
/** YAML aliases may multiply a small file into gigabytes; more than this is no manifest. */
const MAX_ALIASES = 1_000;

/** @returns every object of every file, in the order of their paths @throws InputError with file, position and cause */
export function readManifests(dir: string): readonly unknown[] {
  const files = listFiles(dir);
  if (files.length === 0) throw new InputError(`${dir} holds no .yaml, .yml or .json file`);
  return files.flatMap(readFile);
}

function listFiles(path: string): string[] {
  try {
    if (statSync(path).isFile()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const inner = join(path, entry.name);
        if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : listFiles(inner);
        return EXTENSIONS.test(entry.name) ? [inner] : [];
      });
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readFile(file: string): unknown[] {
  const text = readFileSync(file, 'utf8');
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, strict: true, logLevel: 'silent' });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      throw new InputError(`${file}:${line}:${col} is not valid YAML: ${error.message}`);
    }
    try {
      return flatten(document.toJS({ maxAliasCount: MAX_ALIASES }));
    } catch (cause) {
      throw new InputError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  });
}

/** Lists of objects are their items; empty documents are nothing. */
function flatten(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(flatten);
  const { apiVersion, kind, items } = value as { apiVersion?: unknown; kind?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [value];
  // The items of a PodList are pods, and need not say so.
  const one = kind.slice(0, -'List'.length);
  return items.flatMap((item: unknown) =>
    flatten(one !== '' && typeof item === 'object' && item !== null ? { apiVersion, kind: one, ...item } : item),
  );
}
