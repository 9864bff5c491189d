// The sentences that change state: `silence … for 2h because …`, `exempt … until 2026-12-31 because …`.
import type { NewSilence, Refusal } from '../../alerts/alert-service.ts';
import type { NewExemption } from '../../model/exemption.ts';
import { parseEnd } from '../../model/moment.ts';
import { parseDuration } from './moments.ts';
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

/** A comma or a space ends a matcher where another `FIELD=` begins. */
const BETWEEN_MATCHERS = /[\s,]+(?=[a-z]+(?:\.[^\s=!,]+)?\s*!?=)/i;
const MATCHER = /^[a-z]+(?:\.[^=!]+)?\s*!?=/i;

/** @returns what to silence and until when, or every part that was not understood; fields and patterns are judged elsewhere */
export function parseSilence(args: string, now: Date): NewSilence | Refusal {
  const { what, term, reason } = readSentence(args);
  const matchers = what === '' ? [] : what.split(BETWEEN_MATCHERS);
  const endsAt = term && endOf(term, now);
  const problems = [
    ...(matchers.length === 0 ? ['It does not say what to silence, for instance cluster=shop-*.'] : []),
    ...matchers.filter((one) => !MATCHER.test(one)).map((one) => `${quote(one)} is not of the form FIELD=PATTERN.`),
    ...(term ? [] : ['It does not say for how long: “for 2h”, “for 3d” or “until 2026-12-01”.']),
    ...(term && !endsAt
      ? [`${quote(term.join(' '))} is not a time like “for 2h”, “for 3d” or “until 2026-12-01”.`]
      : []),
    ...(reason === undefined ? [NO_REASON] : []),
  ];
  if (problems.length > 0 || !endsAt || reason === undefined) return { problems };
  return { matchers, endsAt, comment: reason };
}

function endOf([word, text]: readonly [string, string], now: Date): Date | undefined {
  if (word === 'until') return parseEnd(text);
  const duration = parseDuration(text);
  return duration === undefined ? undefined : new Date(now.getTime() + duration);
}

/** @returns what to exempt, without its owner, or every part that was not understood */
export function parseExemption(args: string): Omit<NewExemption, 'owner'> | Refusal {
  const { what, term, reason } = readSentence(args);
  const [cluster, rule, subject, ...rest] = what.split(/\s+/).filter(Boolean);
  const end = term?.[0] === 'until' ? parseEnd(term[1]) : undefined;
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
    expires: end.toISOString(),
    reason,
  };
}
