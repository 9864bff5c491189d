// What the bot understands, grouped by whether it only looks or changes something.
import type { CardMessage, ConversationAddress } from '../../ports.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { button, text } from './parts/elements.ts';

export interface HelpLine {
  /** As it is typed: words in capitals stand for what a person fills in, brackets enclose what may be left out. */
  readonly usage: string;
  /** What it is for, in whole sentences. */
  readonly help: string;
  /** `look` answers; `act` changes something. */
  readonly group: 'look' | 'act';
  /** Only operators may run it; what it lets them do, for instance `silence alerts`. */
  readonly operators?: string;
  /** The kind of conversation in which it is theirs alone; everywhere, when left out. */
  readonly operatorsIn?: ConversationAddress['kind'];
}

/** @returns its help, and who may run it where not everybody may */
export function helpOf({ help, operators, operatorsIn }: HelpLine): string {
  if (operators === undefined) return help;
  return `${help} Operators only${operatorsIn === undefined ? '' : ` in a ${operatorsIn}`}.`;
}

export function commandsCard(headline: string, lines: readonly HelpLine[]): CardMessage {
  const group = (title: string, name: HelpLine['group']): Element[] => [
    text(title, { bold: true, spacing: 'medium' }),
    ...lines
      .filter((line) => line.group === name)
      .map((line): Element => ({
        type: 'Container',
        spacing: 'small',
        items: [
          text(line.usage, { monospace: true, size: 'small', bold: true }),
          text(helpOf(line), { size: 'small', spacing: 'none' }),
        ],
      })),
  ];
  return card(
    headline,
    [text(headline, { size: 'medium', bold: true }), ...group('Look', 'look'), ...group('Act', 'act')],
    [button('Fleet status', 'status'), button('Alerts', 'alerts'), button('Subscribe', 'subscribe')],
  );
}
