// Any result fits into what the store holds, whatever its cluster holds; what is left out is counted and is no news.
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../shared/model/finding.ts';
import { compareFindings } from '../../shared/model/finding.ts';
import { countAll, fitEvents, fitResult, isNews, resultBounds } from '../../shared/model/fit-result.ts';
import type { DriftEvent, Result } from '../../shared/model/result.ts';
import { SPILLED_CHUNKS } from '../../shared/store/spill.ts';
import { packBody } from '../../shared/store/body.ts';
import { noise } from '../support/noise.ts';

const findingOf = (number: number, more: Partial<Finding> = {}): Finding => ({
  rule: 'no-allow-all',
  subject: `policy/shop/p${String(number).padStart(6, '0')}[NetworkPolicy]`,
  verdict: 'fail',
  severity: 'high',
  message: 'It allows everything.',
  ...more,
});
const resultOf = (findings: readonly Finding[], more: Partial<Result> = {}): Result =>
  ({ clusterId: 'c', name: 'shop', findings: findings.toSorted(compareFindings), ...more }) as Result;
const many = (count: number, more: Partial<Finding> = {}): Finding[] =>
  Array.from({ length: count }, (_, i) => findingOf(i, more));

describe('a result', () => {
  test('that fits is the same, down to the order of its properties', () => {
    const result = resultOf(many(3), { settled: { engine: 'cilium', plugin: 'azure' }, catalogue: '1' });
    expect(JSON.stringify(fitResult(result))).toBe(JSON.stringify(result));
  });

  test('with more findings than fit keeps the worst and counts the others', () => {
    const passes = many(60_000, { verdict: 'pass', message: noise(100, 1) });
    const result = resultOf([...passes, ...many(2_000)]);
    const fitted = fitResult(result);
    expect(fitted.findings.filter(({ verdict }) => verdict === 'fail')).toHaveLength(2_000);
    expect(fitted.leftOut).toMatchObject({ fail: 0, pass: result.findings.length - fitted.findings.length });
    expect(countAll(fitted)).toEqual(countAll(result));
    expect(countAll(fitResult({ ...fitted, gone: true }))).toEqual(countAll(result));
  });

  test('as large as it can be is packed into what the store holds, however little it compresses', () => {
    const long = noise(resultBounds.message, 7);
    const reach = { noise: noise(1_600_000, 3) } as unknown as NonNullable<Result['reach']>;
    const findings = Array.from({ length: 1_500 }, (_, i) =>
      findingOf(i, { message: noise(3_900, i), remediation: long }),
    );
    const standing = Array.from({ length: 9_000 }, (_, i) => ({
      ...findingOf(i),
      subject: noise(100, i),
    })) as NonNullable<Result['standing']>;
    const fitted = fitResult(resultOf(findings, { reach, standing }));
    expect(fitted.leftOut?.fail).toBeGreaterThan(0);
    expect(() => packBody(fitted, SPILLED_CHUNKS)).not.toThrow();
  });

  test('loses who reaches whom, remedies and the ends of sentences that are too long by themselves, and nothing else', () => {
    const reach = { noise: 'x'.repeat(resultBounds.reach) } as unknown as NonNullable<Result['reach']>;
    const long = findingOf(1, { message: 'm'.repeat(9_999), remediation: 'r'.repeat(99_999) });
    const fitted = fitResult(resultOf([long, findingOf(2)], { reach, namespaceExposure: { shop: 1 } }));
    expect(fitted.reach).toBeUndefined();
    expect(fitted.namespaceExposure).toEqual({ shop: 1 });
    expect(fitted.findings[0]?.message).toHaveLength(resultBounds.message);
    expect(fitted.findings[0]).not.toHaveProperty('remediation');
    expect(fitted.findings[1]).toEqual(findingOf(2));
    expect(fitted.leftOut).toBeUndefined();
  });
});

describe('events', () => {
  const eventOf = ({ rule, subject, severity }: Finding): DriftEvent =>
    ({ kind: 'new-failure', rule, subject, severity, detail: 'd', remediation: 'kubectl' }) as DriftEvent;

  test('of failures that may have been left out before are no news, all others are', () => {
    const leftOut = countAll(resultOf(many(5)));
    const previous = resultOf(many(3), { leftOut });
    expect(isNews(previous, eventOf(findingOf(4)))).toBe(false);
    expect(isNews(previous, eventOf(findingOf(4, { rule: 'a' })))).toBe(true);
    expect(isNews(previous, { ...eventOf(findingOf(4)), kind: 'resolved' })).toBe(true);
    expect(isNews(resultOf(many(3)), eventOf(findingOf(4)))).toBe(true);
    expect(isNews(undefined, eventOf(findingOf(4)))).toBe(true);
  });

  test('that fit are the same; of more, remedies are left out first, then the last, with their count', () => {
    const few = [eventOf(findingOf(1))];
    expect(fitEvents(few)).toEqual({ events: few, leftOut: 0 });
    const some = many(3_000).map((finding) => ({ ...eventOf(finding), remediation: 'r'.repeat(9_000) }));
    expect(fitEvents(some)).toMatchObject({ leftOut: 0, events: { length: 3_000, 0: { detail: 'd' } } });
    const far = many(4_000).map((finding) => ({ ...eventOf(finding), detail: noise(4_000, 1) }));
    const { events, leftOut } = fitEvents(far);
    expect(leftOut).toBeGreaterThan(0);
    expect(events.length + leftOut).toBe(4_000);
    expect(() => packBody(events, SPILLED_CHUNKS)).not.toThrow();
  });
});
