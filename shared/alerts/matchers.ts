// Matchers: which alerts a route, a silence or a maintenance window means.
import { subjectNames, subjectNamespace } from '../model/finding.ts';
import { compilePattern } from '../model/pattern.ts';
import type { AlertEvent } from './alert.ts';

/** What a matcher can ask for, besides `tag.NAME`; upper and lower case are the same. */
export const matcherFields = [
  'subscription',
  'resourceGroup',
  'cluster',
  'namespace',
  'subject',
  'rule',
  'severity',
  'kind',
] as const;
type Field = (typeof matcherFields)[number];

export interface Matcher {
  readonly text: string;
  matches(event: AlertEvent): boolean;
}

const MAX_CHARS = 300;

/**
 * @param text `FIELD=PATTERN[,PATTERN...]` or `FIELD!=PATTERN[,PATTERN...]`; `*` in a pattern stands for any text;
 *   upper and lower case are the same
 * @returns the matcher, or what is wrong with the text
 */
export function parseMatcher(text: string): Matcher | { readonly problem: string } {
  const match = /^\s*([A-Za-z]+(?:\.[^=!]+)?)\s*(!?=)\s*(.*?)\s*$/.exec(text.slice(0, MAX_CHARS + 1));
  const quoted = `“${text.slice(0, 60)}”`;
  if (!match || text.length > MAX_CHARS)
    return { problem: `${quoted} is not of the form FIELD=PATTERN or FIELD!=PATTERN` };
  const [, name, operator, value] = match as unknown as [string, string, string, string];
  const read = fieldValues(name.trim());
  if (!read)
    return { problem: `${quoted}: ${name} is not a field; the fields are ${matcherFields.join(', ')} and tag.NAME` };
  const patterns = value.split(',').map((part) => part.trim().toLowerCase());
  if (patterns.includes('') && patterns.length > 1) return { problem: `${quoted}: a pattern between commas is empty` };
  const tests = patterns.map(compilePattern);
  const wanted = operator === '=';
  return {
    text: text.trim(),
    matches: (event) => {
      const values = read(event).map((found) => found.toLowerCase());
      return tests.some((test) => values.some(test)) === wanted;
    },
  };
}

/**
 * @param name of a field, or `tag.NAME`
 * @returns a function that gives the values of the field: several where a thing has several names, or a name and an id (the name first), the empty
 *   text where it has none; undefined when there is no such field
 */
export function fieldValues(name: string): ((event: AlertEvent) => readonly string[]) | undefined {
  if (name.toLowerCase().startsWith('tag.')) {
    const wanted = name.slice(4).toLowerCase();
    if (wanted === '') return undefined;
    return ({ tags }) => [Object.entries(tags).find(([key]) => key.toLowerCase() === wanted)?.[1] ?? ''];
  }
  const field = matcherFields.find((known) => known.toLowerCase() === name.toLowerCase());
  return field && fields[field];
}

const fields: Readonly<Record<Field, (event: AlertEvent) => readonly string[]>> = {
  subscription: ({ subscriptionId }) => [subscriptionId],
  resourceGroup: ({ resourceGroup }) => [resourceGroup],
  cluster: ({ clusterName, clusterId }) => [clusterName, clusterId],
  namespace: ({ subject }) => [(subject === undefined ? undefined : subjectNamespace(subject)) ?? ''],
  subject: ({ subject }) => (subject === undefined ? [''] : subjectNames(subject)),
  rule: ({ rule }) => [rule ?? ''],
  severity: ({ severity }) => [severity],
  kind: ({ kind }) => [kind],
};

/** @returns the matchers, or every problem. All of the matchers must match; an empty list matches everything. */
export function parseMatchers(
  texts: readonly string[],
): { readonly matchers: readonly Matcher[] } | { readonly problems: readonly string[] } {
  const parsed = texts.map(parseMatcher);
  const problems = parsed.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  return { matchers: parsed as Matcher[] };
}

export const matchesAll = (matchers: readonly Matcher[], event: AlertEvent): boolean =>
  matchers.every((matcher) => matcher.matches(event));
