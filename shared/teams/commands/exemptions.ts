// `exempt`, `exemptions` and `unexempt`: accept a failure for a time, with an owner and a reason.
import type { AlertService } from '../../alerts/alert-service.ts';
import type { NewExemption } from '../../model/exemption.ts';
import type { CardMessage } from '../../ports.ts';
import { button } from '../cards/parts/elements.ts';
import { counted, moment } from '../cards/parts/words.ts';
import type { Entry } from '../cards/entries.ts';
import { entriesCard } from '../cards/entries.ts';
import { notice } from '../cards/notice.ts';
import type { BotServices } from '../bot-services.ts';
import { pickCluster } from './clusters.ts';
import type { Command } from './command.ts';
import { endingCommand } from './ending.ts';
import { askWhetherAll, readConfirmed } from './everything.ts';
import { parseExemption } from './grammar.ts';
import { splitPage } from './status.ts';
import { judgedSubjects, whichSubject } from './subjects.ts';
import { misunderstood, quote } from './typed.ts';

type Exempted = Awaited<ReturnType<AlertService['exemptions']>>[number];

export const exempt: Command = {
  name: 'exempt',
  usage: 'exempt CLUSTER RULE [SUBJECT] until 2026-12-31 because REASON',
  example: 'exempt shop-prod npm-retirement until 2026-12-31 because it moves in spring',
  help: 'Accept a failure until the end of a day, with you as its owner. In CLUSTER, RULE and SUBJECT, * stands for any text.',
  group: 'act',
  operators: 'exempt failures',
  async run(args, services, { from, zone, once }) {
    const { words, ...confirmed } = readConfirmed(args);
    const wanted = parseExemption(words, zone);
    if ('problems' in wanted) return misunderstood(exempt, wanted.problems);
    const place = await pickPlace(wanted, words, services);
    if ('reply' in place) return place.reply;
    const { note, ...where } = place;
    const asked = { ...wanted, ...where, owner: from.name, ...confirmed };
    const made = await services.alerts.exempt(asked, from.name, once);
    if ('problems' in made)
      return made.unconfirmed ? askWhetherAll(exempt, words) : misunderstood(exempt, made.problems);
    return notice(
      made.again
        ? `Already exempted by ${quote(made.createdBy)} on ${moment(made.createdAt)}: ${titleOf(made)}`
        : `Exempt until ${moment(made.expires)}: ${titleOf(made)}`,
      [
        `Owned by ${quote(made.owner)}, because: ${quote(made.reason)}`,
        ...(note === undefined ? [] : [note]),
        'It counts from the next scan on. The failure stays visible, and you hear of it again when the exemption ends.',
      ],
      [button('End this exemption', `unexempt ${made.id}`), button('Exemptions', 'exemptions')],
    );
  },
};

interface Place {
  readonly cluster: string;
  readonly subject?: string;
  /** One sentence, where nothing is called so today. */
  readonly note?: string;
}

/** @returns the one cluster and the one object that are meant, or the card that asks which; patterns are taken as they are */
async function pickPlace(
  { cluster: wanted, rule, subject }: Pick<NewExemption, 'cluster' | 'rule' | 'subject'>,
  args: string,
  services: BotServices,
): Promise<Place | { readonly reply: CardMessage }> {
  if (wanted.includes('*')) return { cluster: wanted };
  const words = args.trim().split(/\s+/);
  const picked = await pickCluster(services, wanted, (key) => ['exempt', key, ...words.slice(1)].join(' '));
  if ('reply' in picked) return picked;
  const { id, key, name } = picked.cluster;
  if (subject === undefined || subject.includes('*')) return { cluster: id };
  const meant = await judgedSubjects(services, picked.cluster, rule, subject);
  if (meant.length > 1) {
    const again = (one: string): string => ['exempt', key, rule, one, ...words.slice(3)].join(' ');
    return { reply: whichSubject(picked.cluster, subject, meant, again) };
  }
  if (meant[0] !== undefined) return { cluster: id, subject: meant[0] };
  return { cluster: id, note: `It matches nothing today: ${rule} judges nothing called ${quote(subject)} on ${name}.` };
}

/** An ARM id is too long to read: its name is enough. */
const titleOf = ({ rule, subject, cluster }: Exempted): string =>
  [rule, subject, `on ${cluster.startsWith('/') ? cluster.slice(cluster.lastIndexOf('/') + 1) : cluster}`]
    .filter(Boolean)
    .join(' ');

export const exemptions: Command = {
  name: 'exemptions',
  usage: 'exemptions',
  example: 'exemptions',
  help: 'Failures accepted in chat or over the API: until when, by whom and why.',
  group: 'look',
  async run(args, services) {
    const now = services.now();
    const all = await services.alerts.exemptions();
    const active = all.filter(({ expires }) => Date.parse(expires) > now.getTime());
    const ended = all.length - active.length;
    const note = 'Those made by a tag or an annotation are shown with the findings of their cluster.';
    if (active.length === 0) return notice('No exemption made in chat or over the API is in force', [note]);
    return entriesCard(
      active.map(toEntry),
      {
        headline: `${counted(active.length, 'exemption')} in force`,
        note: ended > 0 ? `${note} ${ended} more ${ended === 1 ? 'has' : 'have'} ended.` : note,
        command: 'exemptions',
        end: { title: 'End', command: 'unexempt' },
      },
      splitPage(args)[1],
    );
  },
};

const toEntry = (entry: Exempted): Entry => ({
  id: entry.id,
  title: titleOf(entry),
  lines: [`until ${moment(entry.expires)} · ${entry.id}`, `owned by ${quote(entry.owner)}: ${quote(entry.reason)}`],
});

export const unexempt = endingCommand({
  name: 'unexempt',
  help: 'End an exemption now: the failure counts again from the next scan on.',
  noun: 'exemption',
  list: 'exemptions',
  afterwards: 'The failure counts again from the next scan on.',
  end: (alerts, id, by) => alerts.unexempt(id, by),
  ended: async (alerts, id, now) => {
    const found = (await alerts.exemptions()).find((entry) => entry.id === id);
    return found && Date.parse(found.expires) <= now.getTime() ? { at: found.expires, by: found.ended?.by } : undefined;
  },
});
