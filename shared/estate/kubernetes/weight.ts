// How much memory a parsed value takes, roughly and never far too little: what V8 needs on 64 bits, counted without asking it.

const TEXT = 24;
const LIST = 32;
const OBJECT = 40;
/** A field with its share of the shape that objects alike have together. */
const FIELD = 16;
/** What objects of many different shapes need for each new name. */
const NEW_NAME = 120;

/** @returns a function that weighs values in bytes, one after the other; field names that it has seen before weigh less */
export function createScale(): (value: unknown) => number {
  const names = new Set<string>();
  const nameWeight = (name: string): number => {
    if (names.has(name)) return FIELD;
    if (names.size < 10_000) names.add(name);
    return FIELD + NEW_NAME + name.length;
  };
  return function weigh(value: unknown): number {
    if (typeof value === 'string') return TEXT + value.length;
    if (typeof value !== 'object' || value === null) return 8;
    if (Array.isArray(value)) return value.reduce((sum: number, inner) => sum + 8 + weigh(inner), LIST);
    let sum = OBJECT;
    for (const [name, inner] of Object.entries(value)) sum += nameWeight(name) + weigh(inner);
    return sum;
  };
}
