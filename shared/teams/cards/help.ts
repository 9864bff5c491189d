// What the bot understands, grouped by whether it only looks or changes something.
import type { CardMessage } from '../../ports.ts';
import type { Element } from './elements.ts';
import { button, card, text } from './elements.ts';

export interface HelpLine {
  readonly usage: string;
  readonly help: string;
  readonly group: 'look' | 'act';
  readonly operators?: string;
}

export function commandsCard(headline: string, lines: readonly HelpLine[]): CardMessage {
  const group = (title: string, name: HelpLine['group']): Element[] => [
    text(title, { bold: true, spacing: 'medium' }),
    ...lines
      .filter((line) => line.group === name)
      .map(({ usage, help, operators }): Element => ({
        type: 'Container',
        spacing: 'small',
        items: [
          text(usage, { monospace: true, size: 'small', bold: true }),
          text(operators === undefined ? help : `${help} Operators only.`, { size: 'small', spacing: 'none' }),
        ],
      })),
  ];
  return card(
    headline,
    [text(headline, { size: 'medium', bold: true }), ...group('Look', 'look'), ...group('Act', 'act')],
    [button('Fleet status', 'status'), button('Alerts', 'alerts'), button('Subscribe', 'subscribe')],
  );
}
