// What the bot asks of the rest of Bulkhead.
import type { Fleet } from '../model/fleet.ts';
import type { Result } from '../model/result.ts';
import type { ConversationAddress } from '../ports.ts';

export interface BotServices {
  /** The fleet at the last close; undefined when no scan was closed yet. */
  fleet(): Promise<Fleet | undefined>;
  clusterResult(key: string): Promise<Result | undefined>;
  /** @param name by which routes mean this conversation */
  subscribe(address: ConversationAddress, by: string, name?: string): Promise<'subscribed' | 'already'>;
  unsubscribe(conversationId: string): Promise<'unsubscribed' | 'not-subscribed'>;
  /** One sentence when scans have stopped. */
  overdue(): Promise<string | undefined>;
  now(): Date;
}
