// What the bot does with each kind of activity: messages are answered, an installation is welcomed, a removal ends the subscription,
// and whatever comes shows that a conversation can be posted to.
import { Application } from '@microsoft/teams-ai/lib/Application.js';
import type { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import type { TurnContext } from 'botbuilder';
import { ActivityTypes, MemoryStorage, TurnContext as Turn } from 'botbuilder';
import type { Log } from '../../ports.ts';
import type { IncomingActivity } from '../activity.ts';
import { activitySchema, channelOf, nameOf, personOf, toAddress, zoneOf } from '../activity.ts';
import type { BotServices } from '../bot-services.ts';
import { answer, helpCard } from '../commands/index.ts';
import { sendCard } from './posting.ts';

export interface ApplicationOptions {
  readonly appId: string;
  readonly services: BotServices;
  readonly log: Log;
}

export function createApplication(adapter: TeamsAdapter, { appId, services, log }: ApplicationOptions): Application {
  const app = new Application({
    adapter,
    botAppId: appId,
    storage: lastWriterWins(),
    removeRecipientMention: true,
    startTypingTimer: false,
    longRunningMessages: false,
  });
  app.turn('beforeTurn', async (context) => {
    if (context.activity.conversation) await services.revive(conversationOf(context));
    return true;
  });
  app.activity(ActivityTypes.Message, async (context) => {
    const activity = activitySchema.parse(context.activity);
    const command = activity.value?.command ?? activity.text;
    const from = { id: personOf(activity), name: nameOf(activity) };
    const address = toAddress(activity, Turn.getConversationReference(context.activity));
    await sendCard(
      context,
      await answer(command, services, { address, from, zone: zoneOf(activity) ?? services.zone, ...onceOf(activity) }),
    );
  });
  app.activity(ActivityTypes.InstallationUpdate, async (context) => {
    if (context.activity.action === 'remove') await services.unsubscribe(conversationOf(context));
    else {
      await services.installed();
      await sendCard(context, helpCard('Hello! I watch the network policy of your AKS clusters'));
    }
  });
  app.conversationUpdate('membersRemoved', async (context) => {
    const removed = context.activity.membersRemoved?.some((member) => member.id === context.activity.recipient.id);
    if (removed) await services.unsubscribe(conversationOf(context));
  });
  app.error(async (context, error) => {
    log.error('chat turn failed', { conversation: context.activity.conversation?.id, error });
    await sendCard(context, helpCard('Something went wrong; the log has the error')).catch(() => undefined);
  });
  return app;
}

/** Nothing that matters is kept in turn state: parallel turns of one conversation must not fail on each other's etag. */
function lastWriterWins(): MemoryStorage {
  const storage = new MemoryStorage();
  const write = storage.write.bind(storage);
  storage.write = (changes) =>
    write(
      Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, { ...(value as object), eTag: '*' }])),
    );
  return storage;
}

/** Teams sends again what it is not sure that we got, and people press twice: by this, the second one is known. */
function onceOf({ id, value, conversation }: IncomingActivity): { readonly once?: string } {
  const name = value?.once ?? id;
  return name ? { once: JSON.stringify([channelOf(conversation.id), name, value?.command ?? '']) } : {};
}

const conversationOf = (context: TurnContext): string => channelOf(context.activity.conversation.id);
