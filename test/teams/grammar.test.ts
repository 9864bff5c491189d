// The sentences that change state: what is understood, and which words are named when they are not.
import { describe, expect, test } from 'vitest';
import type { NewSilence } from '../../shared/alerts/alert-service.ts';
import type { NewExemption } from '../../shared/model/exemption.ts';
import { parseExemption, parseSilence } from '../../shared/teams/commands/grammar.ts';

const now = new Date('2026-11-21T10:10:00Z');

describe('silence is understood', () => {
  const until = (text: string) => new Date(text);
  test.each<[string, Omit<NewSilence, 'startsAt'>]>([
    [
      'cluster=shop rule=no-allow-all for 1d because from the card',
      {
        matchers: ['cluster=shop', 'rule=no-allow-all'],
        endsAt: until('2026-11-22T10:10:00Z'),
        comment: 'from the card',
      },
    ],
    [
      'cluster=shop,rule=no-allow-all for 1d because from the card',
      {
        matchers: ['cluster=shop', 'rule=no-allow-all'],
        endsAt: until('2026-11-22T10:10:00Z'),
        comment: 'from the card',
      },
    ],
    [
      'cluster=shop-*,pos-* severity!=high until 2026-12-01 because we move because we must',
      {
        matchers: ['cluster=shop-*,pos-*', 'severity!=high'],
        endsAt: until('2026-12-01T23:59:59.999Z'),
        comment: 'we move because we must',
      },
    ],
    [
      'tag.cost-center=Blue Team for Ops, Red kind = resolved FOR 2 h BECAUSE x',
      {
        matchers: ['tag.cost-center=Blue Team for Ops, Red', 'kind = resolved'],
        endsAt: until('2026-11-21T12:10:00Z'),
        comment: 'x',
      },
    ],
  ])('%s', (args, expected) => {
    expect(parseSilence(args, now, 'UTC')).toEqual(expected);
  });

  test.each<[string, readonly string[]]>([
    ['', ['what to silence', 'for how long', 'reason is missing']],
    ['cluster=shop for 2h', ['reason is missing']],
    ['cluster=shop for 2h because', ['reason is missing']],
    ['cluster=shop because x', ['for how long']],
    ['cluster=shop for soon because x', ['“for soon” is not a time']],
    ['cluster=shop for because x', ['“for ” is not a time']],
    ['cluster=shop until 2026-02-30 because x', ['“until 2026-02-30” is not a time']],
    ['cluster=shop for 2h until 2026-12-01 because x', ['twice how long: “for 2h” and “until 2026-12-01”']],
    ['cluster=shop until 2026-12-01 for 1h30m because x', ['twice how long']],
    ['shop for 2h because x', ['“shop” is not of the form FIELD=PATTERN']],
    ['for 2h because x', ['what to silence']],
  ])('but not: %s', (args, problems) => {
    const refused = parseSilence(args, now, 'UTC');
    expect('problems' in refused && refused.problems).toEqual(problems.map((one) => expect.stringContaining(one)));
  });
});

describe('exempt is understood', () => {
  const rest = { expires: '2026-12-31T23:59:59.999Z', reason: 'legacy' };
  test.each<[string, Omit<NewExemption, 'owner'>]>([
    ['shop no-allow-all until 2026-12-31 because legacy', { cluster: 'shop', rule: 'no-allow-all', ...rest }],
    [
      'shop-* No-Allow-All policy/web/open[NetworkPolicy] until 2026-12-31 because legacy',
      { cluster: 'shop-*', rule: 'no-allow-all', subject: 'policy/web/open[NetworkPolicy]', ...rest },
    ],
  ])('%s', (args, expected) => {
    expect(parseExemption(args, 'UTC')).toEqual(expected);
  });

  test.each<[string, readonly string[]]>([
    ['', ['which cluster', 'which rule', 'until when', 'reason is missing']],
    ['shop until 2026-12-31 because x', ['which rule']],
    ['shop rule subject and more until 2026-12-31 because x', ['“and more” is too much']],
    ['shop rule for 2d because x', ['“for 2d” is not an end']],
    ['shop rule until then because x', ['“until then” is not an end']],
    ['shop rule until 2026-12-31', ['reason is missing']],
  ])('but not: %s', (args, problems) => {
    const refused = parseExemption(args, 'UTC');
    expect('problems' in refused && refused.problems).toEqual(problems.map((one) => expect.stringContaining(one)));
  });
});
