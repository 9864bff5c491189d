// What people ask and do, in chat and over HTTP: through the real routes and the real commands.
import type { App } from '../../shared/app/app.ts';
import type { Action, Stage } from './actions.ts';
import type { Answer } from './doors.ts';

export const CONVERSATIONS = ['alpha', 'beta', 'gamma'];
const MINUTE_MS = 60_000;
/** Teams refuses messages of about 28 KB (facts of Teams). */
const MOST_CARD_BYTES = 28_000;
/** A request may wait for as long as a frozen instance. */
const LONGEST_WAIT_MS = 45 * MINUTE_MS;

type Method = 'GET' | 'POST' | 'DELETE';

/** Asks over HTTP; an answer that says that something went wrong needs something that did. */
async function ask(
  { doors, host, broken }: Stage,
  app: App,
  method: Method,
  path: string,
  body?: object,
): Promise<Answer> {
  const answer = await doors.ask(app, method, path, body);
  if (answer.status >= 500 && path !== 'health' && host.current()?.faultAt === 0)
    broken(`${method} /api/${path} is answered with ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/** Types something in a conversation, and looks at the card that comes back. */
async function type(
  { doors, host, teams, broken }: Stage,
  app: App,
  conversation: string,
  text: string,
): Promise<void> {
  try {
    const { card } = await doors.type(app, teams.address(conversation), text);
    const bytes = Buffer.byteLength(JSON.stringify(card));
    if (bytes > MOST_CARD_BYTES) broken(`the card that answers "${text}" has ${bytes} bytes`);
  } catch (error) {
    if (host.current()?.faultAt === 0) broken(`"${text}" is answered with nothing: ${String(error)}`);
    throw error;
  }
}

const byHttp = (stage: Stage, name: string, method: Method, path: string, body?: object): void =>
  void stage.host.invoke(name, async (app) => void (await ask(stage, app, method, path, body)));
const inChat = (stage: Stage, name: string, text: string): void =>
  void stage.host.invoke(name, (app) => type(stage, app, stage.random.pick(CONVERSATIONS), text));

function join(stage: Stage): string {
  const id = stage.random.pick(CONVERSATIONS);
  stage.teams.open.add(id);
  stage.host.invoke('subscribe', (app) => type(stage, app, id, 'subscribe'));
  return id;
}

/** @returns until when it is asked for, in words */
export function silence(stage: Stage, cluster: string, minutes: number): string {
  const { random, timeline, asked } = stage;
  const endsAt = timeline.now() + minutes * MINUTE_MS;
  const chats = random.chance(0.5);
  asked.silence(cluster, chats ? endsAt + LONGEST_WAIT_MS : endsAt);
  if (chats) inChat(stage, 'silence', `silence cluster=${cluster} for ${minutes}m because maintenance`);
  else {
    const body = { matchers: [`cluster=${cluster}`], endsAt: new Date(endsAt).toISOString(), comment: 'maintenance' };
    byHttp(stage, 'silence', 'POST', 'silences', body);
  }
  return `${cluster} for ${minutes} minutes ${chats ? 'in chat' : 'over HTTP'}`;
}

/** Does something to one of the things on a list, as it is listed over HTTP. */
function toOneOf(stage: Stage, list: 'alerts' | 'silences', act: (app: App, id: string) => Promise<unknown>): string {
  stage.host.invoke(list, async (app) => {
    const { value } = (await ask(stage, app, 'GET', list)).body as {
      readonly value?: readonly { readonly id: string }[];
    };
    if (value?.[0]) await act(app, stage.random.pick(value).id);
  });
  return 'one';
}

function exempt(stage: Stage): string {
  const { random, timeline } = stage;
  const cluster = `c${random.whole(0, 7)}`;
  const rule = random.pick(['engine-enabled', 'npm-node-limit', 'recommended-engine']);
  const expires = new Date(timeline.now() + random.whole(20, 600) * MINUTE_MS).toISOString();
  byHttp(stage, 'exempt', 'POST', 'exemptions', { cluster, rule, owner: 'Robin', reason: 'accepted', expires });
  return `${rule} on ${cluster}`;
}

const QUESTIONS = [
  'status',
  'clusters',
  'alerts',
  'silences?ended=true',
  'exemptions',
  'scans',
  'drift',
  'trend',
  'metrics',
];
const WORDS = [
  'status',
  'alerts',
  'silences',
  'exemptions',
  'help',
  'status c1',
  'why c1 engine-enabled',
  'history c2',
  'sudo',
];

export const people: readonly Action[] = [
  { name: 'a conversation subscribes', weight: 4, act: join },
  {
    name: 'a conversation unsubscribes',
    weight: 1,
    act: (stage) => {
      const id = stage.random.pick(CONVERSATIONS);
      stage.host.invoke('unsubscribe', (app) => type(stage, app, id, 'unsubscribe'));
      return id;
    },
  },
  {
    name: 'somebody starts a scan',
    weight: 2,
    act: (stage) => {
      byHttp(stage, 'manual-scan', 'POST', 'scans');
      return 'over HTTP';
    },
  },
  {
    name: 'health is asked for',
    weight: 3,
    act: (stage) => {
      byHttp(stage, 'health', 'GET', 'health');
      return 'by a probe';
    },
  },
  {
    name: 'somebody asks something',
    weight: 4,
    act: (stage) => {
      const { random } = stage;
      const chats = random.chance(0.5);
      const what = random.pick(chats ? WORDS : QUESTIONS);
      if (chats) inChat(stage, 'question', what);
      else byHttp(stage, 'question', 'GET', what);
      return what;
    },
  },
  {
    name: 'somebody acknowledges an alert',
    weight: 3,
    act: (stage) =>
      toOneOf(stage, 'alerts', (app, id) =>
        stage.random.chance(0.5)
          ? type(stage, app, 'alpha', `ack ${id} seen`)
          : ask(stage, app, 'POST', `alerts/${id}/acknowledge`, {}),
      ),
  },
  {
    name: 'somebody silences a cluster',
    weight: 2,
    act: (stage) => silence(stage, `c${stage.random.whole(0, 7)}`, stage.random.whole(10, 300)),
  },
  {
    name: 'somebody ends a silence',
    weight: 1,
    act: (stage) =>
      toOneOf(stage, 'silences', (app, id) =>
        stage.random.chance(0.5)
          ? type(stage, app, 'beta', `unsilence ${id}`)
          : ask(stage, app, 'DELETE', `silences/${id}`),
      ),
  },
  { name: 'a failure is exempted for a while', weight: 2, act: exempt },
];
