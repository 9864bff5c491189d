// What the bot asks of the rest of Bulkhead.
import type { AlertService } from '../alerts/alert-service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { DriftEvent, Result } from '../model/result.ts';
import type { ConversationAddress } from '../ports.ts';

/** What a rule says about itself. */
export interface RuleText {
  readonly id: string;
  readonly title: string;
  /** What is said of a subject that fails, after its name. */
  readonly failing: string;
  readonly rationale: string;
  readonly references: readonly string[];
  /** What it asks for does nothing while no engine is on. */
  readonly needsEngine?: true;
  /** What others look up in its findings. */
  readonly tells?: 'engine' | 'visibility';
}

export interface PastResult {
  /** When the result became this. */
  readonly at: Date;
  readonly result: Result;
}

export interface BotServices {
  /** The fleet at the last close; undefined when no scan has closed yet. */
  fleet(): Promise<Fleet | undefined>;
  clusterResult(key: string): Promise<Result | undefined>;
  /** A cluster's past results, newest first, one for each change; at most `limit`. */
  history(key: string, limit: number): Promise<readonly PastResult[]>;
  /** A cluster's drift events, newest first, of at most `limit` scans. */
  drift(key: string, limit: number): Promise<readonly DriftEvent[]>;
  readonly rules: readonly RuleText[];
  readonly alerts: AlertService;
  /** @param id Entra object id of a person @returns true when this person may change state */
  isOperator(id: string): boolean;
  /** @param name what routes call this conversation */
  subscribe(address: ConversationAddress, by: string, name?: string): Promise<'subscribed' | 'already' | 'full'>;
  /** Who subscribed a conversation, and since when, as RFC 3339; undefined when it is not subscribed. */
  subscription(conversationId: string): Promise<{ readonly by: string; readonly since: string } | undefined>;
  /** Something came from a conversation: if it could not be posted to, it can be again, and hears of what it is owed. */
  revive(conversationId: string): Promise<void>;
  /** The app was added somewhere: conversations that could not be posted to are tried again. */
  installed(): Promise<void>;
  /** The names of conversations that routes and the digest use. */
  routeNames(): Promise<ReadonlySet<string>>;
  /** @param by who asked for it; nobody, when the bot was removed */
  unsubscribe(conversationId: string, by?: string): Promise<'unsubscribed' | 'not-subscribed'>;
  /** One sentence when scans have stopped. */
  overdue(): Promise<string | undefined>;
  /** Where days end for whoever's own zone is not known. */
  readonly zone: string;
  now(): Date;
}
