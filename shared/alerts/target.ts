// A conversation that subscribed, and whether it can be posted to.
export interface Target {
  readonly key: string;
  readonly name?: string;
  /** RFC 3339: when it subscribed. */
  readonly since?: string;
  /** Why it cannot be posted to at present. It is owed what lasts, and hears of it when it can be posted to again. */
  readonly failed?: string;
}

export const isReachable = ({ failed }: Pick<Target, 'failed'>): boolean => failed === undefined;

/** @returns the keys of the conversations that cannot be posted to */
export const unreachable = (targets: readonly Target[]): ReadonlySet<string> =>
  new Set(targets.filter((target) => !isReachable(target)).map(({ key }) => key));

/** Names are data: this much of one is quoted, and so many are. */
const MAX_NAME_CHARS = 40;
const MOST_NAMES = 2;

/** @returns one sentence about those of the conversations that cannot be posted to; undefined when all of them can */
export function failedSentence(targets: readonly Pick<Target, 'name' | 'failed'>[]): string | undefined {
  const failed = targets.filter((target) => !isReachable(target));
  if (failed.length === 0) return undefined;
  const names = failed.flatMap(({ name }) => (name === undefined ? [] : [name.slice(0, MAX_NAME_CHARS)]));
  const listed = names.slice(0, MOST_NAMES).join(' and ');
  if (failed.length === 1) return `Bulkhead cannot post to ${listed || 'a conversation that subscribed'}.`;
  const among = listed === '' ? '' : `, ${names.length > MOST_NAMES ? 'among them ' : ''}${listed}`;
  return `Bulkhead cannot post to ${failed.length} conversations that subscribed${among}.`;
}
