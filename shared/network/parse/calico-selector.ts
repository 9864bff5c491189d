// Calico's selector language: `app == 'web' && env in {'a','b'} || has(tier)`, from text to what it matches.
import type { CalicoSelector, Labels } from '../objects.ts';
import type { Tokens } from './calico-tokens.ts';
import { tokensOf } from './calico-tokens.ts';

type Expression =
  | { readonly kind: 'every' | 'some'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | Test;

/** What is asked of one label, which an absent one never is. */
type Test =
  | { readonly kind: 'has'; readonly key: string }
  | { readonly kind: 'in'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'contains' | 'starts' | 'ends'; readonly key: string; readonly part: string };

const everything: Expression = { kind: 'every', of: [] };
const nothing: Expression = { kind: 'some', of: [] };

/** @throws ObjectError with what is wrong; `!=` and `not in` hold for an absent label */
export function parseCalicoSelector(text: string, path: string): CalicoSelector {
  const tokens = tokensOf(text, path);
  const expression = tokens.isAtEnd() ? everything : readSome(tokens, 0);
  if (!tokens.isAtEnd()) tokens.wrong();
  return { matches: (labels) => holds(expression, labels), keys: keysOf(expression), text };
}

/** Nobody writes so many brackets inside each other, and more of them could exhaust the stack. */
const MAX_DEPTH = 100;

function readSome(tokens: Tokens, depth: number): Expression {
  const of = [readEvery(tokens, depth)];
  while (tokens.skip('||')) of.push(readEvery(tokens, depth));
  return of.length === 1 ? of[0]! : { kind: 'some', of };
}

function readEvery(tokens: Tokens, depth: number): Expression {
  const of = [readSingle(tokens, depth)];
  while (tokens.skip('&&')) of.push(readSingle(tokens, depth));
  return of.length === 1 ? of[0]! : { kind: 'every', of };
}

function readSingle(tokens: Tokens, depth: number): Expression {
  if (depth > MAX_DEPTH) tokens.wrong('is nested too deeply');
  if (tokens.skip('!')) return { kind: 'not', of: readSingle(tokens, depth + 1) };
  if (tokens.skip('(')) {
    const inner = readSome(tokens, depth + 1);
    tokens.take(')');
    return inner;
  }
  const word = tokens.word();
  return tokens.skip('(') ? readCall(tokens, word) : readComparison(tokens, word);
}

function readCall(tokens: Tokens, name: string): Expression {
  const called = name === 'has' ? ({ kind: 'has', key: tokens.word() } as const) : undefined;
  tokens.take(')');
  if (called) return called;
  if (name === 'all') return everything;
  // global() speaks of things outside every namespace: no pod is.
  return name === 'global' ? nothing : tokens.wrong();
}

function readComparison(tokens: Tokens, key: string): Expression {
  if (tokens.skip('==')) return { kind: 'in', key, values: [tokens.literal()] };
  if (tokens.skip('!=')) return { kind: 'not', of: { kind: 'in', key, values: [tokens.literal()] } };
  const operator = tokens.word();
  if (operator === 'in') return { kind: 'in', key, values: readSet(tokens) };
  if (operator === 'not') {
    if (tokens.word() !== 'in') tokens.wrong();
    return { kind: 'not', of: { kind: 'in', key, values: readSet(tokens) } };
  }
  if ((operator === 'starts' || operator === 'ends') && tokens.word() !== 'with') tokens.wrong();
  if (operator === 'contains' || operator === 'starts' || operator === 'ends')
    return { kind: operator, key, part: tokens.literal() };
  return tokens.wrong();
}

function readSet(tokens: Tokens): readonly string[] {
  tokens.take('{');
  const values: string[] = [];
  while (!tokens.skip('}')) {
    values.push(tokens.literal());
    if (!tokens.skip(',') && !tokens.isNext('}')) tokens.wrong();
  }
  return values;
}

function holds(expression: Expression, labels: Labels): boolean {
  if ('key' in expression) return Object.hasOwn(labels, expression.key) && fits(expression, labels[expression.key]!);
  switch (expression.kind) {
    case 'every':
      return expression.of.every((one) => holds(one, labels));
    case 'some':
      return expression.of.some((one) => holds(one, labels));
    case 'not':
      return !holds(expression.of, labels);
  }
}

function fits(test: Test, value: string): boolean {
  switch (test.kind) {
    case 'has':
      return true;
    case 'in':
      return test.values.includes(value);
    case 'contains':
      return value.includes(test.part);
    case 'starts':
      return value.startsWith(test.part);
    case 'ends':
      return value.endsWith(test.part);
  }
}

/** @returns what is asked of labels, in the order in which it is written */
const testsIn = (expression: Expression): readonly Test[] =>
  'key' in expression ? [expression] : [expression.of].flat().flatMap(testsIn);

/** @returns the keys that are looked at, with the values named; undefined for one whose text is searched */
function keysOf(expression: Expression): ReadonlyMap<string, readonly string[] | undefined> {
  const keys = new Map<string, readonly string[] | undefined>();
  for (const test of testsIn(expression)) {
    const named = test.kind === 'in' ? test.values : test.kind === 'has' ? [] : undefined;
    const known = keys.has(test.key) ? keys.get(test.key) : [];
    keys.set(test.key, named && known && [...known, ...named]);
  }
  return keys;
}
