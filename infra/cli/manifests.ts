// A folder of manifests: YAML and JSON, several documents a file, Lists, nested folders. A document that cannot be read costs only itself.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { LineCounter, parseAllDocuments } from 'yaml';
import { InputError, parseJson } from './input.ts';
import { helmAdvice, kustomizeAdvice } from './templates.ts';
import { readText } from './text.ts';

const EXTENSIONS = /\.(ya?ml|json)$/i;
/** YAML aliases may multiply a small file into gigabytes; a manifest has fewer than this. */
const MAX_ALIASES = 1_000;

export interface Placed {
  readonly object: unknown;
  /** `FILE:LINE` of the document it stands in. */
  readonly place: string;
}

export interface Manifests {
  /** In the order of the files' paths. */
  readonly objects: readonly Placed[];
  /** Documents that could not be read: what is wrong, beginning with the place. */
  readonly unread: readonly string[];
}

/** @param path of a folder or a file @throws InputError when there is no file to read */
export function readManifests(path: string): Manifests {
  const files = listFiles(path);
  if (files.length === 0) throw new InputError(`${path} holds no .yaml, .yml or .json file`);
  const read = files.map(readFile);
  return { objects: read.flatMap(({ objects }) => objects), unread: read.flatMap(({ unread }) => unread) };
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

function readFile(file: string): Manifests {
  const advice = kustomizeAdvice(file);
  if (advice) return { objects: [], unread: [`${file} ${advice}`] };
  try {
    const text = readText(file);
    return readJson(file, text) ?? readYaml(file, text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { objects: [], unread: [error.message] };
  }
}

/** JSON is read as JSON: the YAML parser takes minutes for the lists of a large cluster. @returns undefined for everything else */
function readJson(file: string, text: string): Manifests | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { objects: parseJson(text, file).flatMap((value) => place(value, `${file}:1`)), unread: [] };
  } catch {
    return undefined;
  }
}

function readYaml(file: string, text: string): Manifests {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, strict: true, logLevel: 'silent' });
  const objects: Placed[] = [];
  const unread: string[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors;
    const source = text.slice(document.range[0], document.range[2]);
    const { line, col } = lineCounter.linePos(error?.pos[0] ?? document.contents?.range?.[0] ?? 0);
    const template = helmAdvice(source, error !== undefined);
    if (template) unread.push(`${file}:${line} ${template}`);
    else if (error) unread.push(`${file}:${line}:${col} is not valid YAML: ${error.message}`);
    else {
      const value = toValue(document);
      if (value instanceof Error) unread.push(`${file}:${line} cannot be read: ${value.message}`);
      else objects.push(...place(value, `${file}:${line}`));
    }
  }
  return { objects, unread };
}

function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const place = (value: unknown, where: string): Placed[] => flatten(value).map((object) => ({ object, place: where }));

/** A list of objects stands for its items, and an empty document for nothing. */
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
