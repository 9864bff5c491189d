// Every command, and how a message finds its one.
import type { CardMessage } from '../../ports.ts';
import { button, card, columns, text, warned } from '../cards/elements.ts';
import type { BotServices } from '../services.ts';
import type { Command, CommandContext } from './command.ts';
import { status } from './status.ts';
import { subscribe, unsubscribe } from './subscribe.ts';

const help: Command = {
  name: 'help',
  usage: 'help',
  help: 'What I understand.',
  run: async () => helpCard('Bulkhead watches the network policy of your AKS clusters'),
};

export const commands: readonly Command[] = [status, subscribe, unsubscribe, help];

/** A message longer than this is not a command. */
const MAX_MESSAGE_CHARS = 500;

/**
 * @param message what a person typed, or the command behind a button
 * @returns the answer, with a warning on top when scans have stopped; anything not understood gets help
 */
export async function answer(message: string, services: BotServices, context: CommandContext): Promise<CardMessage> {
  return warned(await run(message, services, context), await services.overdue());
}

async function run(message: string, services: BotServices, context: CommandContext): Promise<CardMessage> {
  const [word = '', ...rest] = message.slice(0, MAX_MESSAGE_CHARS).trim().split(/\s+/);
  const command = commands.find(({ name }) => name === word.toLowerCase());
  if (command) return command.run(rest.join(' '), services, context);
  return helpCard(word === '' ? 'How can I help?' : `I do not know “${word.slice(0, 40)}”`);
}

/** Also the welcome on installation. */
export function helpCard(headline: string): CardMessage {
  return card(
    headline,
    [
      text(headline, { size: 'medium', bold: true }),
      ...commands.map((command) =>
        columns(
          { items: [text(command.usage, { monospace: true })], width: '2' },
          { items: [text(command.help)], width: '5' },
        ),
      ),
    ],
    [button('Fleet status', 'status'), button('Subscribe', 'subscribe')],
  );
}
