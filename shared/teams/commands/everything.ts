// What leaves nothing out is asked for twice: `silence confirm cluster=* …`.
import type { CardMessage } from '../../ports.ts';
import { button } from '../cards/parts/elements.ts';
import { notice } from '../cards/notice.ts';
import type { Command } from './command.ts';

/** @returns what was typed without the leading word `confirm`, and whether it was there */
export function readConfirmed(args: string): { readonly confirm?: true; readonly words: string } {
  const [, word, words] = /^\s*(confirm(?=\s))?(.*)$/is.exec(args)!;
  return { words: words!.trim(), ...(word === undefined ? {} : { confirm: true }) };
}

/** @returns the card that asks whether everything is meant */
export const askWhetherAll = ({ name }: Pick<Command, 'name'>, words: string): CardMessage =>
  notice(
    'Nothing was changed yet: do you mean everything?',
    [
      'This leaves no cluster and no rule out, also of those that are still to come. Every conversation will hear of it.',
    ],
    [button('Yes, everything', `${name} confirm ${words}`)],
  );
