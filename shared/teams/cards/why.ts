// Why a rule says what it says about one object of a cluster, and what would mend it.
import type { Finding } from '../../model/finding.ts';
import { failureSentence, placeIn, shortSubject } from '../../model/finding.ts';
import type { CardMessage } from '../../ports.ts';
import type { RuleText } from '../bot-services.ts';
import { headElements } from './parts/alert-words.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { verdictColor } from './parts/colors.ts';
import { button, code, text, usable } from './parts/elements.ts';
import { age, clip, moment } from './parts/words.ts';

const MAX_HEADLINE_CHARS = 260;
const MAX_NAME_CHARS = 200;
const MOST_OTHERS = 4;

export interface Explained {
  readonly cluster: { readonly name: string; readonly key: string };
  readonly finding: Finding;
  /** Other findings of the same rule on this cluster, worst first. */
  readonly others: readonly Finding[];
  readonly rule: RuleText | undefined;
  /** That no engine is on, where what mends the finding does nothing without one. */
  readonly engineFirst: Finding | undefined;
  /** When the verdict became what it is; `open` when it was already so in the oldest result that was looked at. */
  readonly since: { readonly at: string; readonly open: boolean } | undefined;
}

/** What is said of an object that does not fail, between its name and the rule's. */
const saying = {
  pass: 'passes',
  unknown: 'could not be judged by',
  exempt: 'is exempt from',
  notApplicable: 'is not judged by',
};

export function whyCard({ cluster, finding, others, rule, since, engineFirst }: Explained, now: Date): CardMessage {
  const { subject, verdict, severity, reason, message, last } = finding;
  const headline = clip(
    verdict === 'fail'
      ? failureSentence(finding, cluster.name, rule?.failing)
      : `${placeIn(subject, cluster.name)} ${saying[verdict]} ${finding.rule}`,
    MAX_HEADLINE_CHARS,
  );
  const long = since && `${since.open ? 'for at least' : 'for'} ${age(since.at, now)}, since ${moment(since.at)}`;
  const body: Element[] = [
    ...headElements({ text: headline, color: verdictColor[verdict] }, [finding.rule, severity, reason, long]),
    text(message),
    ...(last && last.verdict !== verdict ? [text(`The last verdict that could be reached: ${last.verdict}`)] : []),
    ...exemptionLines(finding),
    ...remedyBlock(finding, engineFirst),
    ...(rule ? [text('Why it matters', { bold: true }), text(rule.rationale, { spacing: 'none' })] : []),
    ...othersBlock(others),
    ...(rule?.references ?? []).map((reference) => text(reference, { size: 'small', subtle: true, spacing: 'small' })),
  ];
  const documentation = rule?.references.find((reference) => reference.startsWith('https://'));
  return card(headline, body, [
    ...(engineFirst ? [button(`Why ${engineFirst.rule}`, `why ${cluster.key} ${engineFirst.rule}`)] : []),
    ...usable(
      others
        .slice(0, MOST_OTHERS)
        .map((other) =>
          button(`Why ${shortSubject(other.subject)}`, `why ${cluster.key} ${other.rule} ${other.subject}`),
        ),
    ),
    button(`Status of ${cluster.name}`, `status ${cluster.key}`),
    ...(documentation === undefined
      ? []
      : [{ type: 'Action.OpenUrl', title: 'Documentation', url: documentation } as const]),
  ]);
}

function remedyBlock({ remediation }: Finding, engineFirst: Finding | undefined): Element[] {
  if (remediation === undefined) return [];
  if (!engineFirst) return [text('How to mend it', { bold: true }), code(remediation)];
  return [
    text('No engine is on, so nothing would enforce what mends this: switch one on first', { bold: true }),
    ...(engineFirst.remediation === undefined ? [] : [code(engineFirst.remediation)]),
  ];
}

function exemptionLines({ exemption }: Finding): Element[] {
  if (!exemption) return [];
  const { owner, reason, expires, source } = exemption;
  return [
    text(`Exempt until ${moment(expires)}, owned by ${clip(owner, MAX_NAME_CHARS)}`, { color: 'accent' }),
    text(`Because: ${clip(reason, MAX_NAME_CHARS)} (${clip(source, MAX_NAME_CHARS)})`, {
      size: 'small',
      spacing: 'none',
    }),
  ];
}

function othersBlock(others: readonly Finding[]): Element[] {
  if (others.length === 0) return [];
  const more = others.length - MOST_OTHERS;
  return [
    text('The same rule on other objects', { bold: true }),
    ...others.slice(0, MOST_OTHERS).map(({ subject, verdict }) =>
      text(`${verdict}: ${clip(subject, MAX_NAME_CHARS)}`, {
        size: 'small',
        spacing: 'none',
        color: verdictColor[verdict],
      }),
    ),
    ...(more > 0 ? [text(`and ${more} more`, { size: 'small', subtle: true })] : []),
  ];
}
