// The words, texts and signs of Calico's selector language, taken one after another.
import { ObjectError, shown } from './raw.ts';

const TOKEN = /\s*(?:(&&|\|\||!(?!=)|[(){},]|==|!=)|'([^']*)'|"([^"]*)"|([A-Za-z0-9_./-]+))/y;

interface Token {
  readonly kind: 'sign' | 'text' | 'word';
  readonly text: string;
}

/** Every taker throws an ObjectError where something else stands. */
export interface Tokens {
  /** @returns true when this sign was next, and is taken */
  skip(sign: string): boolean;
  isNext(sign: string): boolean;
  take(sign: string): void;
  /** A key, an operator or the name of a function. */
  word(): string;
  /** What stands in quotes. */
  literal(): string;
  isAtEnd(): boolean;
  /** @param message what is wrong; without one, that it cannot be read here */
  wrong(message?: string): never;
}

/** @throws ObjectError when a part is not of the language */
export function tokensOf(text: string, path: string): Tokens {
  const tokens = [...tokenize(text, path)];
  let at = 0;
  const wrong = (message?: string): never => {
    const place = tokens[at]?.text ?? 'its end';
    throw new ObjectError(path, message ?? `the selector ${shown(text)} cannot be read near ${shown(place)}`);
  };
  const isNext = (sign: string): boolean => tokens[at]?.kind === 'sign' && tokens[at]!.text === sign;
  const takeKind = (kind: Token['kind']): string => (tokens[at]?.kind === kind ? tokens[at++]!.text : wrong());
  const skip = (sign: string): boolean => {
    const found = isNext(sign);
    if (found) at++;
    return found;
  };
  return {
    skip,
    isNext,
    take: (sign) => void (skip(sign) || wrong()),
    word: () => takeKind('word'),
    literal: () => takeKind('text'),
    isAtEnd: () => at === tokens.length,
    wrong,
  };
}

function* tokenize(text: string, path: string): Iterable<Token> {
  const end = text.trimEnd().length;
  for (let at = 0; at < end;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new ObjectError(path, `${JSON.stringify(text.slice(at, at + 40))} is not part of a selector`);
    at = TOKEN.lastIndex;
    const [, sign, single, double, word] = match;
    if (sign !== undefined) yield { kind: 'sign', text: sign };
    else if (word !== undefined) yield { kind: 'word', text: word };
    else yield { kind: 'text', text: single ?? double ?? '' };
  }
}
