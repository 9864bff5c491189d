// A command: how it is typed, what it is for, and what it answers. Help, the form shown for a mistake and README's table come from these texts.
import type { CardMessage, ConversationAddress } from '../../ports.ts';
import type { HelpLine } from '../cards/help.ts';
import type { BotServices } from '../bot-services.ts';

export interface CommandContext {
  readonly address: ConversationAddress;
  /** Its id is the Entra object id; empty when it is not known. */
  readonly from: { readonly id: string; readonly name: string };
  /** Where days end for whoever asks. */
  readonly zone: string;
  /** Names this message or this press of a button: the same one may come again, and then does nothing again. */
  readonly once?: string;
}

export interface Command extends HelpLine {
  readonly name: string;
  /** One whole message that the bot understands. */
  readonly example: string;
  /** @param args what was typed after the name, with single spaces between words */
  run(args: string, services: BotServices, context: CommandContext): Promise<CardMessage>;
}
