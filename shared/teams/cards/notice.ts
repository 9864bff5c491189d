// Short answers: a headline, some lines, some buttons.
import type { CardMessage } from '../../ports.ts';
import type { Element } from './parts/elements.ts';
import { card } from './parts/card.ts';
import { text } from './parts/elements.ts';

export const notice = (
  headline: string,
  lines: readonly string[] = [],
  actions: readonly Element[] = [],
): CardMessage =>
  card(headline, [text(headline, { size: 'medium', bold: true }), ...lines.map((line) => text(line))], actions);
