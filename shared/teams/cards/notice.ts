// Short answers: a headline, some lines, some buttons.
import type { CardMessage } from '../../ports.ts';
import type { Element } from './elements.ts';
import { card, text } from './elements.ts';

export const notice = (
  headline: string,
  lines: readonly string[] = [],
  actions: readonly Element[] = [],
): CardMessage =>
  card(headline, [text(headline, { size: 'medium', bold: true }), ...lines.map((line) => text(line))], actions);
