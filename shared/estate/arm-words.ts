// The words in which ARM's fields are read: whatever tool exported a body, null, empty and absent all mean that nothing was set.
import { z } from 'zod';

export const blankToAbsent = (value: unknown): unknown => (value === null || value === '' ? undefined : value);
/** null, empty and absent all mean that nothing was set. */
export const maybe = <T extends z.ZodType>(schema: T) => z.preprocess(blankToAbsent, schema.optional());
export const text = maybe(z.string());
export const word = maybe(z.string().transform((value) => value.trim().toLowerCase() || undefined));
export const flag = maybe(z.boolean());
export const count = maybe(z.number().int().nonnegative());
export const texts = maybe(z.array(z.string()));
/** Earlier versions of the API had one profile where there is a list now. */
export const listed = (value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? [value] : value;

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined: absent things are absent. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Defined<T>;
}

/** A body with its property names in lower case. */
export type Lowered = { readonly [key: string]: unknown };

/** Keys that hold names chosen by people: their case is kept. */
const KEPT_AS_IS = new Set(['tags', 'nodelabels']);

/**
 * Lower-cases every property name, because real bodies carry `Properties`, `enableAzureRbac` and `enableAzureRBAC` for the same thing.
 * Where two spellings of one name meet, the one that says something wins. Deeper than ARM ever nests, a body is left as it is.
 */
export function lowerKeys(value: unknown, depth = 0): unknown {
  if (depth > 12 || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => lowerKeys(item, depth + 1));
  const entries = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const lower = key.toLowerCase();
    const spoken = blankToAbsent(entries.get(lower)) !== undefined && blankToAbsent(inner) === undefined;
    if (!spoken) entries.set(lower, KEPT_AS_IS.has(lower) ? inner : lowerKeys(inner, depth + 1));
  }
  return Object.fromEntries(entries);
}
