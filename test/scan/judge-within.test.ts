// One cluster is judged within its time and memory, or not at all; the others go on.
import { describe, expect, test } from 'vitest';
import { auditCluster } from '../../shared/audit/audit.ts';
import { parseObjects } from '../../shared/network/index.ts';
import type { Snapshot } from '../../shared/rules/rule.ts';
import { judgeWithin, within } from '../../shared/scan/judge-within.ts';
import { sampleCluster } from '../support/estate.ts';

const meta = (name: string) => ({ metadata: { name, namespace: 'n' } });

/** Each policy is for all pods but one, from all pods but one, on a port of its own: no two pods have the same neighbours on the same ports. */
function entangled(count: number): Snapshot {
  const allBut = (i: number) => ({ matchExpressions: [{ key: 'id', operator: 'NotIn', values: [`x${i % count}`] }] });
  const raws = Array.from({ length: count }, (_, i) => [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}`, namespace: 'n', labels: { id: `x${i}` } },
      status: { phase: 'Running' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      ...meta(`q${i}`),
      spec: { podSelector: allBut(i), ingress: [{ from: [{ podSelector: allBut(i * 7) }], ports: [{ port: i + 1 }] }] },
    },
  ]).flat();
  const { objects } = parseObjects(raws, { throughReplicaSets: true });
  return {
    cluster: sampleCluster('s', 'shop'),
    inCluster: { status: 'read', objects, forbiddenKinds: [] },
    now: new Date('2026-11-21T12:00:00Z'),
    excludedNamespaces: [],
  };
}

const insideOf = (findings: readonly { readonly rule: string; readonly reason?: string; readonly verdict: string }[]) =>
  findings.filter(({ rule }) => rule === 'pod-isolated').map(({ verdict, reason }) => [verdict, reason]);

describe('a cluster', () => {
  test('whose policies are too entangled is unknown inside, and judged by its ARM body', () => {
    const { findings } = auditCluster(entangled(600));
    expect(insideOf(findings)).toEqual([['unknown', 'too-large']]);
    expect(findings.find(({ rule }) => rule === 'policy-engine')?.verdict ?? 'pass').toBe('pass');
    expect(findings.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(0);
  });

  test('that takes too long to judge is unknown inside, and says how long that was', () => {
    const { findings } = judgeWithin(entangled(600), undefined, 1);
    expect(insideOf(findings)).toEqual([['unknown', 'too-large']]);
    expect(findings.find(({ rule }) => rule === 'pod-isolated')?.message).toContain('longer than 0.001 s');
  });

  test('that is judged in time is judged as without a limit', () => {
    const snapshot = entangled(5);
    expect(judgeWithin(snapshot)).toEqual(auditCluster(snapshot));
  });
});

describe('a limit of time', () => {
  test('ends what never ends', () => {
    expect(
      within(20, () => {
        for (;;);
      }),
    ).toBeUndefined();
  });

  test('passes on what is returned and what is thrown', () => {
    const value = {};
    expect(within(60_000, () => value)).toBe(value);
    expect(() =>
      within(60_000, () => {
        throw new TypeError('no');
      }),
    ).toThrow(TypeError);
  });
});
