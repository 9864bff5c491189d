// Matchers: which alerts they mean, and what is said of a text that is not one.
import { expect, test } from 'vitest';
import { parseMatcher } from '../../shared/alerts/matchers.ts';
import { play } from '../support/alert-play.ts';

const event = play().event('new-failure', 'Shop-Prod', {
  clusterId: '/subscriptions/sub/x',
  subject: 'workload/payments/db[StatefulSet]',
  tags: { Env: 'Prod', owner: '' },
  severity: 'medium',
});
test.each<[string, boolean]>([
  ['cluster=shop-prod', true],
  ['cluster=shop-*', true],
  ['cluster=/subscriptions/*', true],
  ['cluster!=shop-*', false],
  ['cluster=a,b,shop-prod', true],
  ['cluster!=a,b', true],
  ['namespace=payments', true],
  ['namespace = pay* ', true],
  ['severity=high', false],
  ['tag.env=prod', true],
  ['TAG.ENV=prod', true],
  ['tag.team=', true],
  ['tag.team=*', true],
  ['tag.env=', false],
  ['tag.owner=', true],
  ['kind=new-failure', true],
  ['subject=workload/payments/*', true],
  ['subject=payments/db[statefulset]', true],
  ['subject=workload/payments/db', true],
  ['subject=payments/db', true],
  ['subject=payments', false],
  ['subject!=payments/db', false],
  ['resourcegroup=rg', true],
  ['subscription=sub', true],
  ['rule!=r', false],
])('%s %s', (text, expected) => {
  const matcher = parseMatcher(text);
  expect('matches' in matcher && matcher.matches(event)).toBe(expected);
  expect('matches' in matcher).toBe(true);
});

test.each(['', 'cluster', 'colour=red', 'tag.=x', '=x', 'cluster=a,,b', `cluster=${'x'.repeat(400)}`])(
  '“%s” is refused with words',
  (text) => {
    const matcher = parseMatcher(text);
    expect('problem' in matcher && matcher.problem.length).toBeGreaterThan(10);
  },
);
