// While the quiet hours of its route last, telling waits.
import { isQuiet } from '../routing.ts';
import type { Stage } from './stage.ts';

export const keepQuiet: Stage = (work, { now }) => ({
  ...work,
  dues: work.dues.filter(({ route }) => !isQuiet(route, now)),
});
