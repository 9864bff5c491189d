// Which object of a cluster a person means, by any of the ways in which cards print it.
import type { FleetCluster } from '../../model/fleet.ts';
import type { Subject } from '../../model/finding.ts';
import { subjectsMeant } from '../../model/finding.ts';
import { compilePattern } from '../../model/pattern.ts';
import type { CardMessage } from '../../ports.ts';
import { notice } from '../cards/notice.ts';
import { button, usable } from '../cards/parts/elements.ts';
import type { BotServices } from '../bot-services.ts';
import { quote } from './typed.ts';

const MAX_CHOICES = 5;

/** @param meant at least two @param again makes the command to run, from the one that turns out to be meant */
export const whichSubject = (
  { name }: FleetCluster,
  wanted: string,
  meant: readonly Subject[],
  again: (subject: Subject) => string,
): CardMessage =>
  notice(
    `${meant.length} objects are called ${quote(wanted)} on ${name}`,
    ['Which one do you mean?'],
    usable(meant.slice(0, MAX_CHOICES).map((subject) => button(subject, again(subject)))),
  );

/** @param rule a pattern @returns the subjects that are called so among those that the rules judge on the cluster */
export async function judgedSubjects(
  { clusterResult }: Pick<BotServices, 'clusterResult'>,
  { key }: FleetCluster,
  rule: string,
  wanted: string,
): Promise<readonly Subject[]> {
  const isRule = compilePattern(rule);
  const findings = (await clusterResult(key))?.findings ?? [];
  const subjects = new Set(findings.filter((finding) => isRule(finding.rule)).map(({ subject }) => subject));
  return subjectsMeant([...subjects], wanted);
}
