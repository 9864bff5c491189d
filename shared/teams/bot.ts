// The bot library's one place: tokens are checked, messages become commands, cards are posted. Loaded on the first message.
import { Application } from '@microsoft/teams-ai/lib/Application.js';
import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import type { ConfigurationBotFrameworkAuthenticationOptions, ConversationReference, TurnContext } from 'botbuilder';
import { ActivityTypes, CardFactory, MemoryStorage, TurnContext as Turn } from 'botbuilder';
import type { Pipeline } from '@azure/core-rest-pipeline';
import { DefaultAzureCredential } from '@azure/identity';
import type { JwtTokenProviderFactory } from 'botframework-connector';
import { AuthenticationError, ManagedIdentityServiceClientCredentialsFactory } from 'botframework-connector';
import type { CardMessage, Chat, ConversationAddress, Log } from '../ports.ts';
import type { IncomingActivity } from './activity.ts';
import {
  MAX_ACTIVITY_BYTES,
  activitySchema,
  isTrustedServiceUrl,
  nameOf,
  personOf,
  tenantOf,
  toAddress,
} from './activity.ts';
import { answer, helpCard } from './commands/index.ts';
import { sending } from './outcome.ts';
import type { BotServices } from './bot-services.ts';

export interface BotOptions {
  /** The bot's application id; empty only together with `anonymous`. */
  readonly appId: string;
  readonly tenantId: string;
  /** Local development: no token is asked for, and only this machine is answered. */
  readonly anonymous: boolean;
  readonly services: BotServices;
  readonly log: Log;
  /** Other authorities than the public cloud's: sovereign clouds, tests. */
  readonly authorities?: ConfigurationBotFrameworkAuthenticationOptions;
  /** Answers may go to this machine although tokens are checked: tests. */
  readonly loopbackAllowed?: boolean;
}

export interface BotRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface BotResponse {
  readonly status: number;
  readonly body?: unknown;
}

export interface Bot {
  /** Answers one request of Teams. Never throws. */
  handle(request: BotRequest): Promise<BotResponse>;
  readonly chat: Chat;
}

/** @throws when there is no app id and anonymous access was not asked for: it would switch token checking off */
export function createBot(options: BotOptions): Bot {
  const { anonymous, log, services } = options;
  if (!options.appId && !anonymous)
    throw new Error(
      'The bot has no application id: set BULKHEAD_BOT_APP_ID. Without one, tokens would not be checked.',
    );
  const loopbackAllowed = anonymous || (options.loopbackAllowed ?? false);
  const adapter = createAdapter(options);
  const app = new Application({
    adapter,
    botAppId: options.appId,
    storage: lastWriterWins(),
    removeRecipientMention: true,
    startTypingTimer: false,
    longRunningMessages: false,
  });

  app.activity(ActivityTypes.Message, async (context) => {
    const activity = activitySchema.parse(context.activity);
    const value: unknown = context.activity.value;
    const command = commandOf(value) ?? context.activity.text ?? '';
    const from = { id: personOf(activity), name: nameOf(activity) };
    const address = toAddress(activity, Turn.getConversationReference(context.activity));
    await sendCard(context, await answer(command, services, { address, from }));
  });
  app.activity(ActivityTypes.InstallationUpdate, async (context) => {
    if (context.activity.action === 'remove') await services.unsubscribe(conversationOf(context));
    else await sendCard(context, helpCard('Hello! I watch the network policy of your AKS clusters'));
  });
  app.conversationUpdate('membersRemoved', async (context) => {
    const removed = context.activity.membersRemoved?.some((member) => member.id === context.activity.recipient.id);
    if (removed) await services.unsubscribe(conversationOf(context));
  });
  app.error(async (context, error) => {
    log.error('chat turn failed', { conversation: context.activity.conversation?.id, error });
    await sendCard(context, helpCard('Something went wrong; the log has the error')).catch(() => undefined);
  });

  const check = (activity: IncomingActivity): number | undefined => {
    if (!isTrustedServiceUrl(activity.serviceUrl, loopbackAllowed)) return 403;
    return anonymous || tenantOf(activity) === options.tenantId.toLowerCase() ? undefined : 403;
  };

  async function handle(request: BotRequest): Promise<BotResponse> {
    if (request.body.length > MAX_ACTIVITY_BYTES) return { status: 413 };
    const activity = readActivity(request.body);
    const answered = new Answered();
    try {
      const incoming = { body: activity ?? unreadable, headers: request.headers, method: request.method };
      await adapter.process(incoming, answered, async (context) => {
        const refused = activity ? check(activity) : 400;
        if (refused) {
          answered.refuse(refused);
          log.warn('chat message refused', { status: refused, conversation: activity?.conversation.id });
        } else await app.run(context);
      });
    } catch (error) {
      log.error('chat request failed', { error });
      return { status: activity ? 500 : 400 };
    }
    return answered.response();
  }

  const continueTurn = async (
    to: ConversationAddress,
    logic: (context: TurnContext) => Promise<string>,
  ): Promise<string> => {
    if (!isTrustedServiceUrl(to.serviceUrl, loopbackAllowed))
      throw new TypeError(`${to.serviceUrl} is no address of Teams`);
    const reference = JSON.parse(to.reference) as Partial<ConversationReference>;
    const conversation = { ...reference.conversation, id: to.conversationId } as ConversationReference['conversation'];
    let id = '';
    let failure: { readonly error: unknown } | undefined;
    // The library hands what a turn throws to its error handler and goes on: a send that failed would look like one that worked.
    await adapter.continueConversationAsync(options.appId, { ...reference, conversation }, async (context) => {
      askOnce(context);
      await logic(context).then(
        (sent) => (id = sent),
        (error: unknown) => (failure = { error }),
      );
    });
    if (failure) throw failure.error;
    return id;
  };

  const chat: Chat = {
    post: (to, message) => sending(() => continueTurn(to, (context) => sendCard(context, message))),
    update: (to, activityId, message) =>
      sending(() =>
        continueTurn(to, async (context) => {
          await context.updateActivity({ ...toActivity(message), id: activityId });
          return activityId;
        }),
      ),
  };

  return { handle, chat };
}

function createAdapter(options: BotOptions): TeamsAdapter {
  const { appId, tenantId, authorities } = options;
  const identity = appId
    ? { MicrosoftAppId: appId, MicrosoftAppTenantId: tenantId, MicrosoftAppType: 'UserAssignedMSI' }
    : {};
  const adapter = new TeamsAdapter({ ...authorities, ...identity }, appId ? credentialsOf(appId) : undefined);
  // A bad signature or algorithm is thrown by the token library as an error of its own, which would come out as 500.
  const { botFrameworkAuthentication } = adapter as unknown as {
    botFrameworkAuthentication: { authenticateRequest: (activity: unknown, header: string) => Promise<unknown> };
  };
  const real = botFrameworkAuthentication.authenticateRequest.bind(botFrameworkAuthentication);
  botFrameworkAuthentication.authenticateRequest = (activity, header) =>
    real(activity, header).catch((error: unknown) => {
      throw error instanceof AuthenticationError ? error : new AuthenticationError('Unauthorized', 401);
    });
  return adapter;
}

/** The same class, which the library's types know by its CommonJS copy alone. */
type LibraryCredential = ReturnType<JwtTokenProviderFactory['createAzureServiceTokenProvider']>;

/** The bot's own managed identity. The library would make the same of its own, from a second copy of the identity library. */
const credentialsOf = (appId: string): ManagedIdentityServiceClientCredentialsFactory =>
  new ManagedIdentityServiceClientCredentialsFactory(appId, {
    createAzureServiceTokenProvider: (managedIdentityClientId) =>
      new DefaultAzureCredential({ managedIdentityClientId }) as unknown as LibraryCredential,
  });

/**
 * Deliveries are repeated by their own rules: were the library to repeat one as well, it could still post after we gave up on it.
 * Its own option for this, `noRetryPolicy`, does nothing in this version.
 */
function askOnce(context: TurnContext): void {
  const connector: unknown = context.turnState.get(context.adapter.ConnectorClientKey);
  const { pipeline } = (connector as { client: { pipeline: Pipeline } }).client;
  pipeline.removePolicy({ phase: 'Retry' });
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

/** Stands in for a body that is no activity: its token is checked first, then it is refused. */
const unreadable = {
  type: 'invalid',
  serviceUrl: 'https://invalid.invalid',
  channelId: 'invalid',
  from: { id: '' },
  conversation: { id: '' },
};

function readActivity(body: string): IncomingActivity | undefined {
  try {
    const parsed = activitySchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function commandOf(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { verb, command } = value as Record<string, unknown>;
  return verb === 'command' && typeof command === 'string' ? command : undefined;
}

const conversationOf = (context: TurnContext): string => context.activity.conversation.id.split(';')[0]!;

const toActivity = (message: CardMessage) => ({
  type: ActivityTypes.Message,
  summary: message.summary,
  attachments: [CardFactory.adaptiveCard(message.card)],
});

async function sendCard(context: TurnContext, message: CardMessage): Promise<string> {
  const sent = await context.sendActivity(toActivity(message));
  return sent?.id ?? '';
}

/** The response object that the bot library writes to. Error bodies are dropped: they carry raw error texts. */
class Answered {
  socket: unknown = undefined;
  private code = 200;
  private body: unknown;
  private refused: number | undefined;

  refuse(status: number): void {
    this.refused = status;
  }
  status(code: number): this {
    this.code = code;
    return this;
  }
  header(): this {
    return this;
  }
  send(body?: unknown): this {
    this.body = body;
    return this;
  }
  end(): this {
    return this;
  }
  response(): BotResponse {
    const status = this.refused ?? this.code;
    return status < 400 && this.body !== undefined ? { status, body: this.body } : { status };
  }
}
