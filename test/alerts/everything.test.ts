// What leaves nothing out: which silences and exemptions do.
import { describe, expect, test } from 'vitest';
import { exemptsEverything, silencesEverything } from '../../shared/alerts/everything.ts';
import { parseMatchers } from '../../shared/alerts/matchers.ts';

describe('a silence leaves nothing out', () => {
  test.each<[string[], boolean]>([
    [['cluster=*'], true],
    [['rule=*', 'cluster=**'], true],
    [['cluster=shop,*'], true],
    [['tag.env=*'], true],
    [['rule!=npm-ipv6'], true],
    [['cluster!=shop', 'rule!=x'], true],
    [['severity=high,medium,low,info'], true],
    [['cluster=*', 'severity=*', 'kind=*'], true],
    [['severity=high'], false],
    [['severity!=low'], false],
    [['kind=new-failure'], false],
    [['cluster=shop'], false],
    [['cluster=*', 'rule=npm-*'], false],
    [['cluster=*-prod'], false],
    [['tag.env=dev'], false],
    [['namespace=*', 'cluster=shop'], false],
  ])('%j: %s', (texts, expected) => {
    const parsed = parseMatchers(texts);
    expect('matchers' in parsed && silencesEverything(parsed.matchers)).toBe(expected);
  });
});

describe('an exemption leaves nothing out', () => {
  test.each([
    [{ cluster: '*', rule: '*' }, true],
    [{ cluster: '**', rule: ' * ', subject: '*' }, true],
    [{ cluster: '*', rule: '*', subject: 'namespace/*' }, false],
    [{ cluster: '*', rule: 'npm-*' }, false],
    [{ cluster: 'shop*', rule: '*' }, false],
  ])('%j: %s', (wanted, expected) => expect(exemptsEverything(wanted)).toBe(expected));
});
