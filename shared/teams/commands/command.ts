// A command: a word, a line of help, and what it answers.
import type { CardMessage, ConversationAddress } from '../../ports.ts';
import type { BotServices } from '../services.ts';

export interface CommandContext {
  readonly address: ConversationAddress;
  readonly from: { readonly id: string; readonly name: string };
}

export interface Command {
  readonly name: string;
  /** As it is typed, for help. */
  readonly usage: string;
  readonly help: string;
  run(args: string, services: BotServices, context: CommandContext): Promise<CardMessage>;
}
