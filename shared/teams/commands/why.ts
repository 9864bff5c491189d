// `why`: what a rule says about a cluster or one object in it, since when, and what would mend it.
import type { FleetCluster } from '../../model/fleet.ts';
import type { Finding } from '../../model/finding.ts';
import { findingKey, subjectsMeant } from '../../model/finding.ts';
import type { CardMessage } from '../../ports.ts';
import { button } from '../cards/parts/elements.ts';
import { notice } from '../cards/notice.ts';
import { missingEngine, needsEngine } from '../cards/parts/remedies.ts';
import { whyCard } from '../cards/why.ts';
import type { BotServices, PastResult } from '../bot-services.ts';
import { pickCluster } from './clusters.ts';
import { whichSubject } from './subjects.ts';
import type { Command } from './command.ts';
import { misunderstood, nearest, quote } from './typed.ts';

/** This many changes of a cluster are looked through for the beginning of a verdict. */
const LOOK_BACK = 40;
const MAX_CHOICES = 5;

export const why: Command = {
  name: 'why',
  usage: 'why CLUSTER RULE [SUBJECT]',
  example: 'why shop-prod no-allow-all',
  help: 'What a rule found, since when, why it matters and how to mend it.',
  group: 'look',
  async run(args, services) {
    const [name = '', rule = '', ...rest] = args.trim().split(/\s+/);
    const subject = rest.join(' ');
    if (name === '') return misunderstood(why, ['It does not say which cluster.']);
    const picked = await pickCluster(services, name, (key) => `why ${key} ${rule} ${subject}`.trim());
    if ('reply' in picked) return picked.reply;
    const { cluster } = picked;
    if (rule === '')
      return whichRule(cluster, 'Which rule do you mean?', `These fail on ${cluster.name}:`, cluster.failing);
    const found = findRule(services, rule);
    if ('guesses' in found)
      return whichRule(cluster, `There is no rule ${quote(rule)}`, 'Did you mean one of these?', found.guesses);
    return explain(services, cluster, found.id, subject);
  },
};

/** @returns the rule of that id, or the only one that begins with it; otherwise those that may be meant */
function findRule(
  { rules }: BotServices,
  wanted: string,
): { readonly id: string } | { readonly guesses: readonly string[] } {
  const ids = rules.map(({ id }) => id);
  const text = wanted.toLowerCase();
  const beginning = ids.filter((id) => id.startsWith(text));
  const id = ids.includes(text) ? text : beginning.length === 1 ? beginning[0] : undefined;
  if (id !== undefined) return { id };
  return { guesses: beginning.length > 0 ? beginning : nearest(ids, text, (one) => one) };
}

/** @param line stands above the ids, where there are any */
function whichRule(cluster: FleetCluster, headline: string, line: string, ids: readonly string[]): CardMessage {
  const choices = ids.slice(0, MAX_CHOICES);
  return notice(
    headline,
    [choices.length > 0 ? line : `“status ${cluster.name}” shows what its rules found.`],
    choices.map((id) => button(id, `why ${cluster.key} ${id}`)),
  );
}

async function explain(
  services: BotServices,
  cluster: FleetCluster,
  rule: string,
  subject: string,
): Promise<CardMessage> {
  const result = await services.clusterResult(cluster.key);
  const all = result?.findings.filter((finding) => finding.rule === rule) ?? [];
  const meant = subject === '' ? all.slice(0, 1) : findingsMeant(all, subject);
  if (meant.length > 1)
    return whichSubject(
      cluster,
      subject,
      meant.map((one) => one.subject),
      (one) => `why ${cluster.key} ${rule} ${one}`,
    );
  const [finding] = meant;
  if (!finding) return notFound(cluster, rule, subject, all);
  const engine = missingEngine(result?.findings ?? [], services.rules);
  const past = await services.history(cluster.key, LOOK_BACK);
  return whyCard(
    {
      cluster,
      finding,
      others: subject === '' ? all.filter((other) => other !== finding) : [],
      rule: services.rules.find(({ id }) => id === rule),
      engineFirst: needsEngine(finding, services.rules) ? engine : undefined,
      since: sinceOf(past, finding),
    },
    services.now(),
  );
}

const findingsMeant = (all: readonly Finding[], wanted: string): readonly Finding[] => {
  const meant = subjectsMeant(
    all.map(({ subject }) => subject),
    wanted,
  );
  return all.filter(({ subject }) => meant.includes(subject));
};

function notFound(cluster: FleetCluster, rule: string, subject: string, all: readonly Finding[]): CardMessage {
  if (all.length === 0)
    return notice(`${rule} found nothing to judge on ${cluster.name}`, [
      'Nothing of the kind that it judges was there in the last scan, or the rule is newer than that scan.',
    ]);
  return notice(
    `${rule} says nothing about ${quote(subject)} on ${cluster.name}`,
    ['It judges these, among others:'],
    all
      .slice(0, MAX_CHOICES)
      .map((finding) => button(finding.subject, `why ${cluster.key} ${rule} ${finding.subject}`)),
  );
}

/** @param past newest first @returns the beginning of the unbroken run of the present verdict */
function sinceOf(past: readonly PastResult[], finding: Finding): { at: string; open: boolean } | undefined {
  const key = findingKey(finding);
  const verdictIn = ({ result }: PastResult): string | undefined =>
    result.findings.find((one) => findingKey(one) === key)?.verdict;
  const broken = past.findIndex((one) => verdictIn(one) !== finding.verdict);
  const run = broken === -1 ? past : past.slice(0, broken);
  const first = run.at(-1);
  return first && { at: first.at.toISOString(), open: broken === -1 };
}
