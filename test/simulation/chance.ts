// What happens next, by chance: a single act, or the beginning of a course.
import type { Action, Stage } from './actions.ts';
import { actions } from './actions.ts';
import { courses } from './courses.ts';
import { people } from './people.ts';

const all: readonly Action[] = [...actions, ...people, ...courses];

/** Does one of them by chance. @returns what was done */
export function actByChance(stage: Stage, calm: boolean): string | undefined {
  const possible = all.filter(({ mishap }) => !(calm && mishap));
  let left = stage.random.next() * possible.reduce((sum, { weight }) => sum + weight, 0);
  const action = possible.find(({ weight }) => (left -= weight) < 0) ?? possible[0]!;
  const what = action.act(stage);
  return what === undefined ? undefined : `${action.name}: ${what}`;
}
