// What a posted card says of each alert, read off its texts as a person would read them.
import type { Post } from '../teams.ts';

export interface Said {
  /** Ten characters, as people type them. */
  readonly alert: string;
  readonly severity: string;
  /** `firing since …`, `resolved …` and so on. */
  readonly state: string;
  readonly detail: string;
}

/** @returns the alerts that a card shows in full: a line with severity and state, what happened, and where, with the alert's id */
export function saidBy({ texts }: Pick<Post, 'texts'>): readonly Said[] {
  return texts.flatMap((text, index): Said[] => {
    const alert = / · alert (\w{12})$/.exec(text)?.[1];
    const line = /^(\w+) · (.+)$/.exec(texts[index - 2] ?? '');
    return alert && line ? [{ alert, severity: line[1]!, state: line[2]!, detail: texts[index - 1]! }] : [];
  });
}

/** @returns the titles on the lines of a card that are not in full, without those of what is over */
export const linesOf = ({ texts }: Pick<Post, 'texts'>): readonly string[] =>
  texts.flatMap((text) => /^(?!resolved: |repeated: )\w+: (.+)$/.exec(text)?.[1] ?? []);

/** Some alerts have no room on the card and are only counted. */
export const countsMore = ({ texts }: Pick<Post, 'texts'>): boolean => texts.some((text) => /^and \d+ more/.test(text));

/** @returns of every card the version that stands in the conversation */
export const standing = (posts: readonly Post[]): readonly Post[] => [
  ...new Map(posts.map((post) => [post.activityId, post])).values(),
];
