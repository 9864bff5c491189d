// Label selectors: what they match, and finding the few pods of many that one selects.
import type { Labels, Requirement, Selector } from './objects.ts';

/** @returns true when every requirement holds; NotIn and DoesNotExist hold for an absent key, In and Exists do not (LabelSelector API) */
export function matches(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => holds(requirement, labels));
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** @returns text that is the same for the same selector */
export const selectorKey = (selector: Selector): string =>
  selector.map(({ key, operator, values }) => `${key}\u0001${operator}\u0001${values.join('\u0002')}`).join('\u0003');

/** A selector for people: `app=web,tier in (a,b)`; `everything` when it is empty. */
export function formatSelector(selector: Selector): string {
  if (selector.length === 0) return 'everything';
  return selector
    .map(({ key, operator, values }) => {
      if (operator === 'In' && values.length === 0) return `${key} (which selects nothing)`;
      if (operator === 'In') return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`;
      if (operator === 'NotIn')
        return values.length === 1 ? `${key}!=${values[0]}` : `${key} not in (${values.join(',')})`;
      return operator === 'Exists' ? key : `!${key}`;
    })
    .join(',');
}

export interface LabelIndex {
  /** @returns indices of the label sets that a selector matches, ascending */
  find(selector: Selector): readonly number[];
}

/** Some 20 MB. */
const MOST_KEPT = 2_500_000;

/** Finds by the rarest value asked for, then checks the rest. Answers are kept. */
export function indexLabels(all: readonly Labels[]): LabelIndex {
  const postings = new Map<string, number[]>();
  for (const [index, labels] of all.entries())
    for (const [key, value] of Object.entries(labels)) {
      const entry = `${key}\u0001${value}`;
      const list = postings.get(entry);
      if (list) list.push(index);
      else postings.set(entry, [index]);
    }
  const everything = all.map((_, index) => index);
  const answers = new Map<string, readonly number[]>();
  let kept = 0;
  const candidates = (selector: Selector): readonly number[] => {
    let best: readonly number[] = everything;
    for (const { key, operator, values } of selector) {
      if (operator !== 'In') continue;
      const lists = values.map((value) => postings.get(`${key}\u0001${value}`) ?? []);
      const size = lists.reduce((sum, list) => sum + list.length, 0);
      if (size < best.length) best = lists.length === 1 ? lists[0]! : lists.flat().toSorted((a, b) => a - b);
    }
    return best;
  };
  return {
    find(selector) {
      if (selector.length === 0) return everything;
      const key = selectorKey(selector);
      const known = answers.get(key);
      if (known) return known;
      const found = [...new Set(candidates(selector))].filter((index) => matches(selector, all[index]!));
      // More are found anew each time: that costs time alone.
      if ((kept += found.length) < MOST_KEPT) answers.set(key, found);
      return found;
    },
  };
}
