// A command: a word, a line of help, and what it answers.
import type { CardMessage, ConversationAddress } from '../../ports.ts';
import type { BotServices } from '../bot-services.ts';

export interface CommandContext {
  readonly address: ConversationAddress;
  /** Its id is the Entra object id; empty when it is not known. */
  readonly from: { readonly id: string; readonly name: string };
}

export interface Command {
  readonly name: string;
  /** As it is typed, for help. */
  readonly usage: string;
  readonly help: string;
  /** `look` answers; `act` changes something. */
  readonly group: 'look' | 'act';
  /** Only operators may run it; what they are told they may do, for instance `silence alerts`. */
  readonly operators?: string;
  run(args: string, services: BotServices, context: CommandContext): Promise<CardMessage>;
}
