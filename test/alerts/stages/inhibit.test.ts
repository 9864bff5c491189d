// What is not told beside a larger change, and what always is.
import { describe, expect, test } from 'vitest';
import type { AlertEvent } from '../../../shared/alerts/alert.ts';
import { inhibit } from '../../../shared/alerts/stages/inhibit.ts';
import type { DriftEvent, DriftKind } from '../../../shared/model/result.ts';
import { inputOf, workOf } from '../../support/alert-stage.ts';

const event = (kind: DriftKind, more: Partial<DriftEvent> = {}): DriftEvent => ({
  id: `${kind} ${more.clusterId ?? ''} ${more.rule ?? ''} ${more.subject ?? ''}`,
  kind,
  scanId: 's',
  at: '2026-11-21T10:00:00.000Z',
  subscriptionId: 'sub',
  clusterId: 'c',
  clusterName: 'c',
  resourceGroup: 'g',
  tags: {},
  severity: 'high',
  title: '',
  detail: '',
  ...more,
});
const kinds = (events: readonly AlertEvent[]): string[] =>
  events.map(({ kind, clusterId, subject }) => [kind, clusterId, subject].filter(Boolean).join(' '));

describe('inhibition', () => {
  test.each<[string, DriftEvent[], string[]]>([
    [
      'a lost subscription inhibits the lost sight of its clusters, not of others',
      [
        event('subscription-lost', { clusterId: '' }),
        event('visibility-lost'),
        event('visibility-lost', { subscriptionId: 'other', clusterId: 'd' }),
      ],
      ['subscription-lost', 'visibility-lost d'],
    ],
    [
      'an engine that changed inhibits what that resolves inside, not what now fails, nor what the cluster itself says',
      [
        event('engine-changed'),
        event('resolved', { subject: 'cluster' }),
        event('resolved', { subject: 'workload/a/b[Deployment]' }),
        event('resolved', { rule: 'policy-enforced', subject: 'cluster' }),
        event('new-failure', { subject: 'policy/a/b[NetworkPolicy]' }),
      ],
      ['engine-changed c', 'resolved c cluster', 'new-failure c policy/a/b[NetworkPolicy]'],
    ],
    [
      'another cluster’s engine inhibits nothing here',
      [event('engine-changed', { clusterId: 'd' }), event('new-failure', { subject: 'namespace/a' })],
      ['engine-changed d', 'new-failure c namespace/a'],
    ],
    [
      'nothing larger, nothing inhibited',
      [event('visibility-lost'), event('resolved', { subject: 'namespace/a' })],
      ['visibility-lost c', 'resolved c namespace/a'],
    ],
  ])('%s', (_name, events, told) => {
    const result = inhibit(workOf([], { events }), inputOf());
    expect(kinds(result.events)).toEqual(told);
    expect(result.events.length + result.inhibited.length).toBe(events.length);
  });
});
