// Words that read the same on every card: cut texts, counts, moments and ages.
import { clip as clipText } from '../../../model/clip.ts';

/** A text longer than this is cut, with a mark: a card is not for reading pages. */
const MAX_TEXT_CHARS = 1_200;

/** @returns a text that fits on a card, with a mark where it was cut */
export const clip = (text: string, most = MAX_TEXT_CHARS): string => clipText(text, most);

/** `1 change`, `3 changes`, `2 remedies` */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** `2026-11-21 01:30 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** `3 minutes`, `2 hours`, `5 days` */
export function age(fromIso: string, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - new Date(fromIso).getTime()) / 60_000));
  const [count, unit] =
    minutes < 90
      ? [minutes, 'minute']
      : minutes < 2_880
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1_440), 'day'];
  return counted(count, unit);
}
