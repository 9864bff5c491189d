// Which exemptions may be made, and what is said of the others.
import { describe, expect, test } from 'vitest';
import type { NewExemption } from '../../../shared/model/exemption.ts';
import { newExemptionProblems } from '../../../shared/rules/exemptions/problems.ts';

const limits = { from: Date.parse('2026-11-21T10:00:00Z'), maxDays: 90, ruleIds: ['engine-enabled', 'npm-ipv6'] };
const wanted = (more: Partial<NewExemption> = {}): NewExemption => ({
  cluster: 'shop',
  rule: 'engine-enabled',
  owner: 'ann',
  reason: 'a lab',
  expires: '2026-12-01T00:00:00Z',
  ...more,
});

describe('may be made', () => {
  test.each<[string, Partial<NewExemption>]>([
    ['one rule on one cluster', {}],
    ['every cluster', { cluster: '*' }],
    ['a pattern of rules', { rule: 'npm-*' }],
    ['the cluster itself', { subject: 'cluster' }],
    ['one namespace', { subject: 'namespace/shop' }],
    ['a pattern within a kind', { subject: 'workload/shop/*' }],
    ['a pattern across kinds', { subject: '*/shop/*' }],
    ['a pattern of kinds', { subject: 'po*' }],
    ['as long as allowed', { expires: '2027-02-19T10:00:00Z' }],
    ['an end in another zone', { expires: '2026-12-01T00:00:00+05:30' }],
  ])('%s', (_name, more) => {
    expect(newExemptionProblems(wanted(more), limits)).toEqual([]);
  });
});

describe('is refused', () => {
  test.each<[string, Partial<NewExemption>, string[]]>([
    ['no cluster', { cluster: ' ' }, ['cluster: It names no cluster; * means every one.']],
    ['an unknown rule', { rule: 'engine' }, ['rule: There is no rule engine.']],
    ['no rule', { rule: '' }, ['rule: There is no rule (empty).']],
    ['a rule in another case', { rule: 'Engine-Enabled' }, ['rule: There is no rule Engine-Enabled.']],
    ['an empty subject', { subject: '' }, [expect.stringContaining('subject: No subject is like (empty):') as string]],
    [
      'a subject without its kind',
      { subject: 'shop' },
      [expect.stringContaining('subject: No subject is like shop:') as string],
    ],
    [
      'a pattern no subject matches',
      { subject: 'pod/*' },
      [expect.stringContaining('subject: No subject is like pod/*:') as string],
    ],
    ['no owner', { owner: '\t' }, ['owner: It names no owner.']],
    ['no reason', { reason: '' }, ['reason: It gives no reason.']],
    ['an end in the past', { expires: '2026-11-20T00:00:00Z' }, ['expires: The end 2026-11-20T00:00:00Z has passed.']],
    ['an end now', { expires: '2026-11-21T10:00:00Z' }, ['expires: The end 2026-11-21T10:00:00Z has passed.']],
    [
      'an end too far off',
      { expires: '2027-02-19T10:00:01Z' },
      ['expires: It runs until 2027-02-19T10:00:01Z, longer than the 90 days that are allowed.'],
    ],
    ['an end that is no date', { expires: 'spring' }, ['expires: Its end spring is not a date.']],
    ['an end without a time', { expires: '2026-12-01' }, ['expires: Its end 2026-12-01 is not a date.']],
    ['an end in words', { expires: '1 December 2026' }, ['expires: Its end 1 December 2026 is not a date.']],
    ['a long cluster', { cluster: 'x'.repeat(501) }, ['cluster: It is longer than 500 characters.']],
    ['a long rule', { rule: '*'.repeat(101) }, ['rule: It is longer than 100 characters.']],
    ['a long subject', { subject: '*'.repeat(501) }, ['subject: It is longer than 500 characters.']],
    ['a long owner', { owner: 'x'.repeat(201) }, ['owner: It is longer than 200 characters.']],
    ['a long reason', { reason: 'x'.repeat(1001) }, ['reason: It is longer than 1000 characters.']],
    ['a long end', { expires: '2'.repeat(51) }, ['expires: It is longer than 50 characters.']],
    [
      'much at once, each thing named',
      { owner: '', reason: '', rule: 'x', expires: 'never' },
      [
        'owner: It names no owner.',
        'reason: It gives no reason.',
        'rule: There is no rule x.',
        'expires: Its end never is not a date.',
      ],
    ],
  ])('%s', (_name, more, problems) => {
    expect(newExemptionProblems(wanted(more), limits)).toEqual(problems);
  });
});
