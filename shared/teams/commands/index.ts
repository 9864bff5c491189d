// Every command, and which of them a message runs.
import type { CardMessage } from '../../ports.ts';
import { warned } from '../cards/parts/card.ts';
import { MAX_COMMAND_CHARS } from '../cards/parts/elements.ts';
import { commandsCard } from '../cards/help.ts';
import { notice } from '../cards/notice.ts';
import type { BotServices } from '../bot-services.ts';
import { ack, unack } from './ack.ts';
import { alerts } from './alerts.ts';
import type { Command, CommandContext } from './command.ts';
import { exempt, exemptions, unexempt } from './exemptions.ts';
import { history } from './history.ts';
import { silence, silences, unsilence } from './silences.ts';
import { status } from './status.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { why } from './why.ts';
import { quote } from './typed.ts';

const help: Command = {
  name: 'help',
  usage: 'help',
  example: 'help',
  help: 'The commands I understand.',
  group: 'look',
  run: async () => helpCard('Bulkhead watches the network policy of your AKS clusters'),
};

export const commands: readonly Command[] = [
  status,
  alerts,
  why,
  history,
  silences,
  exemptions,
  help,
  subscribe,
  unsubscribe,
  ack,
  unack,
  silence,
  unsilence,
  exempt,
  unexempt,
];

/**
 * @param message what a person typed, or the command behind a button
 * @returns the answer, with a warning on top when scans have stopped; anything not understood gets help
 */
export async function answer(message: string, services: BotServices, context: CommandContext): Promise<CardMessage> {
  return warned(await run(message, services, context), await services.overdue());
}

async function run(message: string, services: BotServices, context: CommandContext): Promise<CardMessage> {
  const typed = message.trim();
  if (typed.length > MAX_COMMAND_CHARS)
    return helpCard(
      `That is too long for a command: ${typed.length} characters, and at most ${MAX_COMMAND_CHARS} are read`,
    );
  const [word = '', ...rest] = typed.split(/\s+/);
  const command = commands.find(({ name }) => name === word.toLowerCase());
  if (!command) return helpCard(word === '' ? 'How can I help?' : `I do not know ${quote(word)}`);
  const reserved = reservedWords(command, context);
  if (reserved !== undefined && !services.isOperator(context.from.id)) return refused(reserved, context);
  return command.run(rest.join(' '), services, context);
}

/** @returns what the command lets operators do, where it is theirs alone */
const reservedWords = ({ operators, operatorsIn }: Command, { address }: CommandContext): string | undefined =>
  operatorsIn === undefined || operatorsIn === address.kind ? operators : undefined;

/** Whoever is refused is told who may, and which id to give them. */
const refused = (what: string, { from }: CommandContext): CardMessage =>
  notice(`Only operators may ${what}: nothing was changed`, [
    'Operators are the people whose Entra object ids are in the setting BULKHEAD_OPERATORS; when it is empty, there are no operators.',
    from.id === ''
      ? `Teams did not say who ${quote(from.name)} is, so they cannot be recognised.`
      : `The id of ${quote(from.name)} is ${from.id.slice(0, 80)}.`,
  ]);

/** Also the welcome on installation. */
export const helpCard = (headline: string): CardMessage => commandsCard(headline, commands);
