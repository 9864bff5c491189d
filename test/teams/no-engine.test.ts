// While no engine is on, switching one on comes first: policies that nothing would enforce are not offered.
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { rules } from '../../shared/rules/index.ts';
import { busyServices, say, shop } from '../support/bot-services.ts';

const fail = (rule: string, subject: string, more: Partial<Finding> = {}): Finding => ({
  rule,
  subject,
  verdict: 'fail',
  severity: 'high',
  message: `${rule} is broken.`,
  remediation: `mend ${rule} ${subject}`,
  ...more,
});
const engine = fail('engine-enabled', 'cluster', { severity: 'high', remediation: 'az aks update --network-policy' });
const inside = ['a', 'b'].map((name) => fail('pod-isolated', `workload/web/${name}[Deployment]`));
const own = fail('api-server-exposed', 'cluster');

const given = (...findings: Finding[]) =>
  busyServices({ rules, clusterResult: async () => ({ findings }) as unknown as Result });
const offered = (texts: readonly string[]): readonly string[] => texts.filter((text) => /^(mend|az) /.test(text));

describe('status', () => {
  test('the engine comes first, with its remedy; remedies that do nothing without one are counted', async () => {
    const { texts } = await say('status shop', given(own, ...inside, engine));
    expect(offered(texts)).toEqual(['az aks update --network-policy', 'mend api-server-exposed cluster']);
    expect(texts.indexOf('engine-enabled')).toBeLessThan(texts.indexOf('api-server-exposed'));
    expect(texts).toContain('No engine is on, so nothing enforces a policy: switch one on first');
    expect(texts).toContain('Until then, 2 more remedies would change nothing and are not shown.');
    expect(texts.filter((text) => text.startsWith('pod-isolated · '))).toHaveLength(2);
  });

  test.each<[string, Finding]>([
    ['an engine is on', { ...engine, verdict: 'pass' }],
    ['nobody knows which engine is on', { ...engine, verdict: 'unknown', reason: 'byo-cni' }],
  ])('when %s, every remedy is offered', async (_name, judged) => {
    const { texts } = await say('status shop', given(judged, ...inside));
    expect(texts).toEqual(expect.arrayContaining(inside.map(({ remediation }) => remediation)));
    expect(texts.join('\n')).not.toContain('switch one on first');
  });
});

describe('why', () => {
  test('shows how to switch an engine on, and not the policy', async () => {
    const { texts, buttons } = await say('why shop pod-isolated web/a', given(...inside, engine));
    expect(offered(texts)).toEqual(['az aks update --network-policy']);
    expect(texts).toContain('No engine is on, so nothing would enforce what mends this: switch one on first');
    expect(buttons).toMatchObject({ 'Why engine-enabled': `why ${shop.key} engine-enabled` });
  });

  test('of the engine itself, and of what needs no engine, shows what mends it', async () => {
    expect(offered((await say('why shop engine-enabled', given(engine))).texts)).toEqual([engine.remediation]);
    expect(offered((await say('why shop api-server-exposed', given(own, engine))).texts)).toEqual([own.remediation]);
  });
});
