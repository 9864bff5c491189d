// What is said of conversations that cannot be posted to.
import { expect, test } from 'vitest';
import type { Target } from '../../shared/alerts/target.ts';
import { failedSentence } from '../../shared/alerts/target.ts';

const failed = (name?: string) => ({ key: 'x', failed: 'Teams answered 403', ...(name === undefined ? {} : { name }) });

test.each<[Target[], string | undefined]>([
  [[{ key: 'T' }], undefined],
  [[failed()], 'Bulkhead cannot post to a conversation that subscribed.'],
  [[{ key: 'T' }, failed('oncall')], 'Bulkhead cannot post to oncall.'],
  [[failed(), failed()], 'Bulkhead cannot post to 2 conversations that subscribed.'],
  [[failed('a'), failed('b')], 'Bulkhead cannot post to 2 conversations that subscribed, a and b.'],
  [
    [failed('a'), failed('b'), failed('c')],
    'Bulkhead cannot post to 3 conversations that subscribed, among them a and b.',
  ],
])('%j', (targets, sentence) => {
  expect(failedSentence(targets)).toBe(sentence);
});
