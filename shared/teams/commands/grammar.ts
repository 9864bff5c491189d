// The sentences that change state: `silence … for 2h because …`, `exempt … until 2026-12-31 because …`.
import type { NewSilence, Refusal } from '../../alerts/alert-service.ts';
import type { NewExemption } from '../../model/exemption.ts';
import { endOf, parseDuration, parseWhen } from '../../model/moment.ts';
import { quote } from './typed.ts';

const NO_REASON = 'The reason is missing: end with “because” and the reason.';

interface Sentence {
  readonly what: string;
  /** `for` or `until`, lower-cased, and what follows it. */
  readonly term?: readonly [string, string];
  readonly reason?: string;
}

/** Splits `WHAT for|until TERM because REASON`. */
function readSentence(args: string): Sentence {
  const because = /^(.*?)(?:^|\s+)because(?:\s+(.*))?$/is.exec(args);
  const before = because ? because[1]! : args;
  const reason = because?.[2]?.trim() ? { reason: because[2].trim() } : {};
  const term = /^(.*)(?:^|\s)(for|until)(?:\s+(.*))?$/is.exec(before);
  if (!term) return { what: before.trim(), ...reason };
  return { what: term[1]!.trim(), term: [term[2]!.toLowerCase(), term[3]?.trim() ?? ''], ...reason };
}

/** @returns the first of two terms: `for 2h` in `… for 2h until 2026-12-01`, where only one can be meant */
function firstOfTwo({ what }: Sentence): string | undefined {
  const found = /(?:^|\s)((for|until)\s+(\S.*))$/is.exec(what);
  if (!found) return undefined;
  const [, term, word, text] = found as unknown as [string, string, string, string];
  const isTerm = word.toLowerCase() === 'for' ? parseDuration(text) !== undefined : parseWhen(text) !== undefined;
  return isTerm ? term : undefined;
}

/** A comma or a space ends a matcher where another `FIELD=` begins. */
const BETWEEN_MATCHERS = /[\s,]+(?=[a-z]+(?:\.[^\s=!,]+)?\s*!?=)/i;
const MATCHER = /^[a-z]+(?:\.[^=!]+)?\s*!?=/i;

/** @returns what to silence and until when, or every part that was not understood; fields and patterns are judged elsewhere */
export function parseSilence(args: string, now: Date, zone: string): NewSilence | Refusal {
  const sentence = readSentence(args);
  const { what, term, reason } = sentence;
  const twice = firstOfTwo(sentence);
  const matchers = what === '' ? [] : what.split(BETWEEN_MATCHERS);
  const endsAt = term && endOfTerm(term, now, zone);
  const problems = [
    ...(matchers.length === 0 ? ['It does not say what to silence, for instance cluster=shop-*.'] : []),
    ...matchers.filter((one) => !MATCHER.test(one)).map((one) => `${quote(one)} is not of the form FIELD=PATTERN.`),
    ...(term && twice ? [`It says twice how long: ${quote(twice)} and ${quote(term.join(' '))}.`] : []),
    ...(term ? [] : ['It does not say for how long: “for 2h”, “for 3d” or “until 2026-12-01”.']),
    ...(term && !endsAt
      ? [`${quote(term.join(' '))} is not a time like “for 2h”, “for 3d” or “until 2026-12-01”.`]
      : []),
    ...(reason === undefined ? [NO_REASON] : []),
  ];
  if (problems.length > 0 || !endsAt || reason === undefined) return { problems };
  return { matchers, endsAt, comment: reason };
}

function endOfTerm([word, text]: readonly [string, string], now: Date, zone: string): Date | undefined {
  if (word === 'until') {
    const when = parseWhen(text);
    return when && endOf(when, zone);
  }
  const duration = parseDuration(text);
  return duration === undefined ? undefined : new Date(now.getTime() + duration);
}

/** @returns what to exempt, without its owner, or every part that was not understood */
export function parseExemption(args: string, zone: string): Omit<NewExemption, 'owner'> | Refusal {
  const { what, term, reason } = readSentence(args);
  const [cluster, rule, subject, ...rest] = what.split(/\s+/).filter(Boolean);
  const end = term?.[0] === 'until' ? parseWhen(term[1]) : undefined;
  const problems = [
    ...(cluster === undefined ? ['It does not say which cluster.'] : []),
    ...(rule === undefined ? ['It does not say which rule.'] : []),
    ...(rest.length > 0 ? [`${quote(rest.join(' '))} is too much: CLUSTER, RULE and SUBJECT have no spaces.`] : []),
    ...(term ? [] : ['It does not say until when: “until 2026-12-31”.']),
    ...(term && !end ? [`${quote(term.join(' '))} is not an end like “until 2026-12-31”.`] : []),
    ...(reason === undefined ? [NO_REASON] : []),
  ];
  if (problems.length > 0 || cluster === undefined || rule === undefined || !end || reason === undefined)
    return { problems };
  return {
    cluster,
    rule: rule.toLowerCase(),
    ...(subject === undefined ? {} : { subject }),
    expires: endOf(end, zone).toISOString(),
    reason,
  };
}
