// Cards that the bot sends: as an answer within a turn, or on its own in a conversation that it knows.
import { randomUUID } from 'node:crypto';
import type { Pipeline } from '@azure/core-rest-pipeline';
import type { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import type { ConversationReference, TurnContext } from 'botbuilder';
import { ActivityTypes, CardFactory } from 'botbuilder';
import type { CardMessage, Chat, ConversationAddress } from '../../ports.ts';
import type { Element } from '../cards/parts/elements.ts';
import { sending } from '../outcome.ts';

/** @returns the id of the activity, by which it can be updated */
export async function sendCard(context: TurnContext, message: CardMessage): Promise<string> {
  const sent = await context.sendActivity(toActivity(message));
  return sent?.id ?? '';
}

const toActivity = (message: CardMessage) => ({
  type: ActivityTypes.Message,
  summary: message.summary,
  attachments: [CardFactory.adaptiveCard(marked(message.card))],
});

/** @returns the card as it is sent this time: its buttons carry a mark, by which one that is pressed twice is known */
function marked(card: CardMessage['card']): CardMessage['card'] {
  const { actions } = card as { readonly actions?: readonly Element[] };
  if (!actions) return card;
  const once = randomUUID();
  return {
    ...card,
    actions: actions.map((action) =>
      action['data'] ? { ...action, data: { ...(action['data'] as Element), once } } : action,
    ),
  };
}

/** @param isTrusted whether cards, and the token they are sent with, may go to an address */
export function createChat(adapter: TeamsAdapter, appId: string, isTrusted: (serviceUrl: string) => boolean): Chat {
  const turn = (to: ConversationAddress, logic: (context: TurnContext) => Promise<string>): Promise<string> => {
    if (!isTrusted(to.serviceUrl)) throw new TypeError(`${to.serviceUrl} is not an address of Teams`);
    return continueTurn(adapter, appId, to, logic);
  };
  return {
    post: (to, message) => sending(async () => turn(to, (context) => sendCard(context, message))),
    update: (to, activityId, message) =>
      sending(async () =>
        turn(to, async (context) => {
          await context.updateActivity({ ...toActivity(message), id: activityId });
          return activityId;
        }),
      ),
  };
}

/** @returns what the logic returns @throws what it throws */
async function continueTurn(
  adapter: TeamsAdapter,
  appId: string,
  to: ConversationAddress,
  logic: (context: TurnContext) => Promise<string>,
): Promise<string> {
  const reference = JSON.parse(to.reference) as Partial<ConversationReference>;
  const conversation = { ...reference.conversation, id: to.conversationId } as ConversationReference['conversation'];
  let id = '';
  let failure: { readonly error: unknown } | undefined;
  // The library hands what a turn throws to its error handler and goes on: a send that failed would look like one that worked.
  await adapter.continueConversationAsync(appId, { ...reference, conversation }, async (context) => {
    askOnce(context);
    await logic(context).then(
      (sent) => (id = sent),
      (error: unknown) => (failure = { error }),
    );
  });
  if (failure) throw failure.error;
  return id;
}

/**
 * Deliveries are repeated by their own rules: were the library to repeat one as well, it could still post after we gave up on it.
 * Its own option for this, `noRetryPolicy`, does nothing in this version.
 */
function askOnce(context: TurnContext): void {
  const connector: unknown = context.turnState.get(context.adapter.ConnectorClientKey);
  const { pipeline } = (connector as { client: { pipeline: Pipeline } }).client;
  pipeline.removePolicy({ phase: 'Retry' });
}
