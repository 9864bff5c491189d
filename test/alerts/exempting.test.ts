// Which exemptions may be made, and what is said of the others.
import { describe, expect, test } from 'vitest';
import { checkExemption } from '../../shared/alerts/exempting.ts';
import type { NewExemption } from '../../shared/alerts/service.ts';

const limits = { now: new Date('2026-11-21T10:00:00Z'), maxDays: 90, ruleIds: ['engine-enabled', 'npm-ipv6'] };
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
    expect(checkExemption(wanted(more), limits)).toEqual([]);
  });
});

describe('is refused', () => {
  test.each<[string, Partial<NewExemption>, string[]]>([
    ['no cluster', { cluster: ' ' }, ['It names no cluster; * means every one.']],
    ['an unknown rule', { rule: 'engine' }, ['There is no rule engine.']],
    ['no rule', { rule: '' }, ['There is no rule (empty).']],
    ['a rule in another case', { rule: 'Engine-Enabled' }, ['There is no rule Engine-Enabled.']],
    ['an empty subject', { subject: '' }, [expect.stringContaining('subject (empty)') as string]],
    ['a subject without its kind', { subject: 'shop' }, [expect.stringContaining('subject shop is none') as string]],
    [
      'a pattern no subject matches',
      { subject: 'pod/*' },
      [expect.stringContaining('subject pod/* is none') as string],
    ],
    ['no owner', { owner: '\t' }, ['It names no owner.']],
    ['no reason', { reason: '' }, ['It gives no reason.']],
    ['an end in the past', { expires: '2026-11-20T00:00:00Z' }, ['It expires on 2026-11-20T00:00:00Z, which is past.']],
    ['an end now', { expires: '2026-11-21T10:00:00Z' }, ['It expires on 2026-11-21T10:00:00Z, which is past.']],
    [
      'an end too far off',
      { expires: '2027-02-19T10:00:01Z' },
      ['It runs until 2027-02-19T10:00:01Z, longer than the 90 days that are allowed.'],
    ],
    ['an end that is no date', { expires: 'spring' }, ['Its end spring is no date.']],
    ['an end without a time', { expires: '2026-12-01' }, ['Its end 2026-12-01 is no date.']],
    ['an end in words', { expires: '1 December 2026' }, ['Its end 1 December 2026 is no date.']],
    ['a long cluster', { cluster: 'x'.repeat(501) }, ['Its cluster is longer than 500 characters.']],
    ['a long rule', { rule: '*'.repeat(101) }, ['Its rule is longer than 100 characters.']],
    ['a long subject', { subject: '*'.repeat(501) }, ['Its subject is longer than 500 characters.']],
    ['a long owner', { owner: 'x'.repeat(201) }, ['Its owner is longer than 200 characters.']],
    ['a long reason', { reason: 'x'.repeat(1001) }, ['Its reason is longer than 1000 characters.']],
    ['a long end', { expires: '2'.repeat(51) }, ['Its expires is longer than 50 characters.']],
    [
      'much at once, each thing named',
      { owner: '', reason: '', rule: 'x', expires: 'never' },
      ['It names no owner.', 'It gives no reason.', 'There is no rule x.', 'Its end never is no date.'],
    ],
  ])('%s', (_name, more, problems) => {
    expect(checkExemption(wanted(more), limits)).toEqual(problems);
  });
});
