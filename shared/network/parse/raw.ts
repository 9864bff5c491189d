// Reading raw objects: every wrong value is an error with its path, and costs its own object only.
import type { Labels, ObjectProblem, PolicyRef, PossibleReach, Requirement, Selector } from '../objects.ts';

/** A value that cannot be what the API means. */
export class ObjectError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

export type Raw = Readonly<Record<string, unknown>>;

/** An object larger than any that the API server takes (etcd holds 1.5 MiB) is not walked through. */
export const MAX_ITEMS = 100_000;
/** Kubernetes label values hold at most 63 characters, keys 253 + 1 + 63. */
const MAX_LABEL_VALUE = 63;
const MAX_LABEL_KEY = 317;

export const isObject = (value: unknown): value is Raw =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

export function objectAt(value: unknown, path: string): Raw {
  if (isAbsent(value)) return {};
  if (!isObject(value)) throw new ObjectError(path, 'must be an object');
  return value;
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) throw new ObjectError(path, 'must be a list');
  if (value.length > MAX_ITEMS)
    throw new ObjectError(path, `has ${value.length} items; at most ${MAX_ITEMS} are judged`);
  return value;
}

export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new ObjectError(path, isAbsent(value) ? 'is missing' : 'must be a string');
  return value;
}

/** A wrong value in a message: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > MAX_SHOWN
    ? `${JSON.stringify(value.slice(0, MAX_SHOWN)).slice(0, -1)}…`
    : JSON.stringify(value);
}
const MAX_SHOWN = 80;

/** @returns string labels; what is not a string is left out, as the API server would not have taken it */
export function toLabels(value: unknown): Labels {
  if (!isObject(value)) return {};
  for (const key in value)
    if (typeof value[key] !== 'string')
      return Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      );
  return value as Labels;
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * @param nameOf the part of a key that is a label's: Cilium puts a source before it
 * @returns the requirements of a label selector, matchLabels first
 */
export function selectorAt(value: unknown, path: string, nameOf = (key: string): string => key): Selector {
  const { matchLabels, matchExpressions } = objectAt(value, path);
  const equal = Object.entries(objectAt(matchLabels, `${path}.matchLabels`)).map(([key, wanted]): Requirement => {
    const place = `${path}.matchLabels.${key.slice(0, 80)}`;
    checkKey(key, nameOf(key), place);
    return { key, operator: 'In', values: [labelValue(wanted, place)] };
  });
  const expressions = listAt(matchExpressions, `${path}.matchExpressions`).map((raw, i): Requirement => {
    const place = `${path}.matchExpressions[${i}]`;
    const { key: rawKey, operator: given, values: rawValues } = objectAt(raw, place);
    const key = textAt(rawKey, `${place}.key`);
    checkKey(key, nameOf(key), `${place}.key`);
    const operator = OPERATORS.find((known) => known === given);
    if (!operator) throw new ObjectError(`${place}.operator`, `${shown(given)} is not one of ${OPERATORS.join(', ')}`);
    const values = listAt(rawValues, `${place}.values`).map((v, j) => labelValue(v, `${place}.values[${j}]`));
    const wantsValues = operator === 'In' || operator === 'NotIn';
    if (wantsValues !== values.length > 0)
      throw new ObjectError(
        `${place}.values`,
        wantsValues ? `must not be empty with ${operator}` : `must be empty with ${operator}`,
      );
    return { key, operator, values };
  });
  return [...equal, ...expressions];
}

/** Kubernetes, apimachinery/pkg/util/validation: IsQualifiedName and IsValidLabelValue. */
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LABEL_PREFIX = 253;
const WORD = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function checkKey(key: string, name: string, path: string): void {
  if (key.length === 0 || key.length > MAX_LABEL_KEY)
    throw new ObjectError(path, `a label key has 1 to ${MAX_LABEL_KEY} characters, not ${key.length}`);
  const slash = name.indexOf('/');
  const [prefix, word] = slash === -1 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)];
  const fits =
    word.length <= MAX_LABEL_VALUE &&
    WORD.test(word) &&
    (prefix === undefined || (prefix.length <= MAX_LABEL_PREFIX && PREFIX.test(prefix)));
  if (!fits)
    throw new ObjectError(
      path,
      `${shown(key)} is not a label key: letters, digits, -, _ and . with a letter or digit at each end, after an optional DNS name and /`,
    );
}

function labelValue(value: unknown, path: string): string {
  if (typeof value === 'number' || typeof value === 'boolean')
    throw new ObjectError(path, `${String(value)} is not a string: write it in quotes`);
  const label = textAt(value, path);
  if (label.length > MAX_LABEL_VALUE)
    throw new ObjectError(path, `a label value has at most ${MAX_LABEL_VALUE} characters, not ${label.length}`);
  if (label !== '' && !WORD.test(label))
    throw new ObjectError(
      path,
      `${shown(label)} is not a label value: letters, digits, -, _ and . with a letter or digit at each end`,
    );
  return label;
}

/** Runs a parser; what it throws becomes a problem of this object. @param reach of a policy: whom it may govern all the same */
export function attempt<T>(
  ref: PolicyRef,
  problems: ObjectProblem[],
  parse: () => T,
  reach?: () => readonly PossibleReach[],
): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    problems.push({ ref, path: error.path, message: error.message, ...(reach ? { reach: reach() } : {}) });
    return undefined;
  }
}
