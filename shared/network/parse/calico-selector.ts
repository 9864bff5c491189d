// Calico's selector language: `app == 'web' && env in {'a','b'} || has(tier)`, from text to a function on labels.
import type { CalicoSelector, Labels } from '../objects.ts';
import { ObjectError, shown } from './raw.ts';

/** Nobody writes so many brackets inside each other, and more of them could exhaust the stack. */
const MAX_DEPTH = 100;

type Test = (labels: Labels) => boolean;

const TOKEN = /\s*(?:(&&|\|\||!(?!=)|[(){},]|==|!=)|'([^']*)'|"([^"]*)"|([A-Za-z0-9_./-]+))/y;

type Token = { readonly kind: 'sign' | 'text' | 'word'; readonly text: string };

function tokenize(text: string, path: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new ObjectError(path, `${JSON.stringify(text.slice(at, at + 40))} is not part of a selector`);
    const [, sign, single, double, word] = match;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'text', text: single ?? double ?? '' });
  }
  return tokens;
}

/** @throws ObjectError with what is wrong; `!=` and `not in` hold for an absent label */
export function parseCalicoSelector(text: string, path: string): CalicoSelector {
  const tokens = tokenize(text, path);
  const keys = new Map<string, readonly string[] | undefined>();
  let at = 0;
  let depth = 0;
  const peek = (): string | undefined => tokens[at]?.text;
  const isSign = (sign: string): boolean => tokens[at]?.kind === 'sign' && tokens[at]!.text === sign;
  const wrong = (): never => {
    throw new ObjectError(path, `the selector ${shown(text)} cannot be read near ${shown(peek() ?? 'its end')}`);
  };
  const take = (sign: string): void => {
    if (!isSign(sign)) wrong();
    at++;
  };
  const word = (): string => (tokens[at]?.kind === 'word' ? tokens[at++]!.text : wrong());
  const literal = (): string => (tokens[at]?.kind === 'text' ? tokens[at++]!.text : wrong());
  const note = (key: string, values: readonly string[] | undefined): void => {
    const known = keys.get(key);
    keys.set(
      key,
      values === undefined || (keys.has(key) && known === undefined) ? undefined : [...(known ?? []), ...values],
    );
  };

  function either(): Test {
    const tests = [both()];
    while (isSign('||')) {
      at++;
      tests.push(both());
    }
    return tests.length === 1 ? tests[0]! : (labels) => tests.some((test) => test(labels));
  }
  function both(): Test {
    const tests = [single()];
    while (isSign('&&')) {
      at++;
      tests.push(single());
    }
    return tests.length === 1 ? tests[0]! : (labels) => tests.every((test) => test(labels));
  }
  function deeper(read: () => Test): Test {
    if (++depth > MAX_DEPTH) throw new ObjectError(path, 'is nested too deeply');
    const test = read();
    depth--;
    return test;
  }
  function single(): Test {
    if (isSign('!')) {
      at++;
      const inner = deeper(single);
      return (labels) => !inner(labels);
    }
    if (isSign('(')) {
      at++;
      const inner = deeper(either);
      take(')');
      return inner;
    }
    const key = word();
    if (isSign('(')) return call(key);
    return comparison(key);
  }
  function call(name: string): Test {
    take('(');
    if (name === 'has') {
      const key = word();
      note(key, []);
      take(')');
      return (labels) => Object.hasOwn(labels, key);
    }
    take(')');
    if (name === 'all') return () => true;
    // global() speaks of things outside every namespace: no pod is.
    return name === 'global' ? () => false : wrong();
  }
  function comparison(key: string): Test {
    const value = (labels: Labels): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
    if (isSign('==') || isSign('!=')) {
      const equal = tokens[at++]!.text === '==';
      const wanted = literal();
      note(key, [wanted]);
      return equal ? (labels) => value(labels) === wanted : (labels) => value(labels) !== wanted;
    }
    const operator = word();
    if (operator === 'in' || operator === 'not') {
      if (operator === 'not' && word() !== 'in') wrong();
      const values = set();
      note(key, values);
      const inside = (labels: Labels): boolean => value(labels) !== undefined && values.includes(value(labels)!);
      return operator === 'in' ? inside : (labels) => !inside(labels);
    }
    if ((operator === 'starts' || operator === 'ends') && word() !== 'with') wrong();
    if (!['contains', 'starts', 'ends'].includes(operator)) wrong();
    const part = literal();
    note(key, undefined);
    return (labels) => {
      const found = value(labels);
      if (found === undefined) return false;
      return operator === 'contains'
        ? found.includes(part)
        : operator === 'starts'
          ? found.startsWith(part)
          : found.endsWith(part);
    };
  }
  function set(): string[] {
    take('{');
    const values: string[] = [];
    while (!isSign('}')) {
      values.push(literal());
      if (isSign(',')) at++;
      else if (!isSign('}')) wrong();
    }
    take('}');
    return values;
  }

  const test = tokens.length === 0 ? () => true : either();
  if (at < tokens.length) wrong();
  return { matches: test, keys, text };
}
