// `silence`, `silences` and `unsilence`: mute some alerts for a time.
import type { Silence } from '../../alerts/alert-service.ts';
import { button } from '../cards/parts/elements.ts';
import { age, clip, counted, moment } from '../cards/parts/words.ts';
import type { Entry } from '../cards/entries.ts';
import { entriesCard } from '../cards/entries.ts';
import { isMeantBy } from '../../alerts/muting.ts';
import type { BotServices } from '../bot-services.ts';
import { notice } from '../cards/notice.ts';
import type { Command } from './command.ts';
import { absentParts } from './absent.ts';
import { lookedThrough } from './baseline.ts';
import { endingCommand } from './ending.ts';
import { askWhetherAll, readConfirmed } from './everything.ts';
import { parseSilence } from './grammar.ts';
import { splitPage } from './status.ts';
import { misunderstood, quote } from './typed.ts';

export const silence: Command = {
  name: 'silence',
  usage: 'silence FIELD=PATTERN[,PATTERN] [FIELD=PATTERN] for 2h|3d|until 2026-12-01 because REASON',
  example: 'silence cluster=shop-* rule=no-allow-all for 2h because we are upgrading',
  help: 'Mute alerts for a time. FIELD is cluster, subscription, resourceGroup, namespace, subject, rule, severity, kind or tag.NAME; * stands for any text.',
  group: 'act',
  operators: 'silence alerts',
  async run(args, services, { from, zone, once }) {
    const { words, ...confirmed } = readConfirmed(args);
    const wanted = parseSilence(words, services.now(), zone);
    if ('problems' in wanted) return misunderstood(silence, wanted.problems);
    const made = await services.alerts.silence({ ...wanted, ...confirmed }, from.name, once);
    if ('problems' in made)
      return made.unconfirmed ? askWhetherAll(silence, words) : misunderstood(silence, made.problems);
    return notice(
      made.again
        ? `Already silenced by ${quote(made.createdBy)} on ${moment(made.startsAt)}, until ${moment(made.endsAt)}`
        : `Silenced until ${moment(made.endsAt)}`,
      [
        clip(made.matchers.join(' '), 300),
        await effectOf(made, services),
        `By ${quote(made.createdBy)}, because: ${quote(made.comment)}`,
      ],
      [button('End this silence', `unsilence ${made.id}`), button('Silences', 'silences')],
    );
  },
};

/** @returns what it mutes now; where that is nothing, what it names that is not there today */
async function effectOf(made: Silence, services: BotServices): Promise<string> {
  const means = isMeantBy(made);
  const meant = (await services.alerts.alerts()).filter(({ event }) => means(event)).length;
  if (meant > 0) return `It mutes ${counted(meant, 'open alert')} now; history keeps everything.`;
  for await (const { event } of lookedThrough(services.alerts))
    if (means(event))
      return 'It is about failures of the baseline, which are posted nowhere; history keeps everything.';
  const absent = absentParts(made.matchers, await services.fleet(), services.rules);
  if (absent.length > 0)
    return `It matches nothing today: nothing in the fleet matches ${clip(absent.join(' or '), 200)}. Is it spelt right?`;
  return 'It matches no open alert today; it mutes those that come until it ends.';
}

export const silences: Command = {
  name: 'silences',
  usage: 'silences',
  example: 'silences',
  help: 'What is silenced: until when, by whom and why.',
  group: 'look',
  async run(args, services) {
    const all = await services.alerts.silences();
    if (all.length === 0) return notice('Nothing is silenced');
    const now = services.now();
    return entriesCard(
      all.map((one) => toEntry(one, now)),
      {
        headline: `${counted(all.length, 'silence')} in force or to come`,
        command: 'silences',
        end: { title: 'End', command: 'unsilence' },
      },
      splitPage(args)[1],
    );
  },
};

function toEntry({ id, matchers, startsAt, endsAt, createdBy, comment }: Silence, now: Date): Entry {
  const begun = Date.parse(startsAt) <= now.getTime();
  const times = begun
    ? `until ${moment(endsAt)}, for ${age(now.toISOString(), new Date(endsAt))} more`
    : `from ${moment(startsAt)} until ${moment(endsAt)}`;
  return { id, title: matchers.join(' '), lines: [`${times} · ${id}`, `by ${quote(createdBy)}: ${quote(comment)}`] };
}

export const unsilence = endingCommand({
  name: 'unsilence',
  help: 'End a silence now: the alerts that it muted are posted if they still last.',
  noun: 'silence',
  list: 'silences',
  afterwards: 'The alerts that it muted are posted if they still last.',
  end: (alerts, id, by) => alerts.unsilence(id, by),
  ended: async (alerts, id) => {
    const found = (await alerts.endedSilences()).find((silence) => silence.id === id);
    return found && { at: found.endsAt, by: found.ended?.by };
  },
});
