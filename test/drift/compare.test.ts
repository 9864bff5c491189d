// Drift: what is told, and what is kept quiet.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carryForward } from '../../shared/drift/carry.ts';
import { compareResults, eventsOfFailures } from '../../shared/drift/compare.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { overallVerdict } from '../../shared/model/result.ts';
import type { UnknownReason, Verdict } from '../../shared/model/verdict.ts';

const finding = (rule: string, verdict: Verdict, more: Partial<Finding> = {}): Finding => ({
  rule,
  subject: 'cluster',
  verdict,
  severity: 'high',
  message: `${rule} says ${verdict}`,
  ...(verdict === 'unknown' ? { reason: 'transient' as UnknownReason } : {}),
  ...more,
});

const result = (findings: readonly Finding[], more: Partial<Result> = {}): Result => ({
  clusterId: '/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/one',
  name: 'one',
  subscriptionId: 's',
  resourceGroup: 'g',
  location: 'westeurope',
  tags: {},
  engine: 'cilium',
  plugin: 'azure',
  kubernetesVersion: '1.34.2',
  midOperation: false,
  verdict: overallVerdict(findings),
  findings,
  catalogue: '1',
  ...more,
});

const context = { scanId: 's1', at: '2026-11-21T10:00:00.000Z', baseline: false };

/** Stores results one after another, as scans do, and gives the events of each step. */
function follow(...steps: readonly Result[]): string[][] {
  let stored: Result | undefined;
  return steps.map((step) => {
    const next = carryForward(stored, step);
    const events = compareResults(stored, next, { ...context, baseline: stored === undefined });
    stored = next;
    return events.map((event) => [event.kind, event.rule].filter(Boolean).join(' '));
  });
}

describe('a rule over time', () => {
  test.each<[string, readonly Verdict[], readonly string[]]>([
    ['a failure at first sight is a baseline', ['fail'], []],
    ['passing, then failing, is told', ['pass', 'fail'], ['new-failure r']],
    ['failing, then passing, is resolved', ['fail', 'pass'], ['resolved r']],
    ['failing, then not applying, is resolved', ['fail', 'notApplicable'], ['resolved r']],
    ['failing all the time is told never again', ['pass', 'fail', 'fail', 'fail'], ['new-failure r']],
    ['an outage in a failure neither resolves nor repeats it', ['fail', 'unknown', 'unknown', 'fail'], []],
    ['a failure that ends during an outage is resolved after it', ['fail', 'unknown', 'pass'], ['resolved r']],
    ['a failure that begins during an outage is told after it', ['pass', 'unknown', 'fail'], ['new-failure r']],
    ['never known and then failing is told', ['unknown', 'fail'], ['new-failure r']],
    ['never known and then passing is quiet', ['unknown', 'pass'], []],
    ['an exemption resolves', ['fail', 'exempt'], ['resolved r']],
    ['the end of an exemption comes back', ['fail', 'exempt', 'fail'], ['resolved r', 'exemption-expired r']],
  ])('%s', (_name, verdicts, expected) => {
    expect(follow(...verdicts.map((verdict) => result([finding('r', verdict)]))).flat()).toEqual(expected);
  });

  test('a failure that becomes more severe is told again, one that becomes less is not', () => {
    const at = (severity: Finding['severity']): Result => result([finding('r', 'fail', { severity })]);
    expect(follow(at('low'), at('medium'), at('low')).flat()).toEqual(['new-failure r']);
  });

  test('a rule that had nothing to say before has a past: its first failure is told', () => {
    const empty = result([finding('r', 'pass')]);
    const opened = result([finding('r', 'pass'), finding('no-allow-all', 'fail', { subject: 'policy/a/open' })]);
    expect(follow(empty, opened).flat()).toEqual(['new-failure no-allow-all']);
  });

  test('the first findings of a rule that came, or changed, with a later catalogue are a baseline; what it no longer finds is over', () => {
    const before = result([finding('host-network', 'pass', { subject: 'workload/a/b[Deployment]' })], {
      catalogue: '2.27',
    });
    const after = (verdict: Verdict): Result =>
      result([finding('host-network', verdict, { subject: 'workload/a/b[Deployment]' })], { catalogue: '3.35' });
    expect(follow(before, after('fail'), after('fail')).flat()).toEqual([]);
    expect(follow(before, after('fail'), after('pass'), after('fail')).flat()).toEqual([
      'resolved host-network',
      'new-failure host-network',
    ]);
  });

  test('a new subject that fails under a known rule is told; one that is gone is resolved', () => {
    const a = finding('r', 'fail', { subject: 'namespace/a' });
    const b = finding('r', 'fail', { subject: 'namespace/b' });
    expect(follow(result([a]), result([a, b]), result([b]))).toEqual([[], ['new-failure r'], ['resolved r']]);
  });
});

describe('a cluster over time', () => {
  test('subjects that cannot be looked at stay, unknown, and come back without a word', () => {
    const seen = result([
      finding('r', 'fail', { subject: 'namespace/a' }),
      finding('r', 'pass', { subject: 'namespace/b' }),
    ]);
    const blind = result([finding('r', 'unknown', { reason: 'stopped' })]);
    expect(follow(seen, blind, seen).flat()).toEqual([]);
    const stored = carryForward(seen, blind);
    expect(stored.findings.find((f) => f.subject === 'namespace/a')).toMatchObject({
      verdict: 'unknown',
      reason: 'stopped',
    });
    expect(stored.standing).toEqual([{ rule: 'r', subject: 'namespace/a', verdict: 'fail', severity: 'high' }]);
  });

  test('a result that an older version stored, with the past of each unknown finding beside it, is gone on from', () => {
    const blind = result([
      finding('r', 'unknown', { reason: 'stopped' }),
      finding('r', 'unknown', { subject: 'namespace/a', last: { verdict: 'fail', severity: 'high' } }),
    ]);
    const seen = (verdict: Verdict): Result => result([finding('r', verdict, { subject: 'namespace/a' })]);
    const events = (next: Result) => compareResults(blind, carryForward(blind, next), context).map(({ kind }) => kind);
    expect(events(seen('fail'))).toEqual([]);
    expect(events(seen('pass'))).toEqual(['resolved']);
    const known = finding('r', 'unknown', { last: { verdict: 'pass', severity: 'high' } });
    const reach = { namespaces: [], sets: [], workloads: [] };
    const unreadable = result([known], { unreadable: { reason: 'timeout', message: 'm' }, reach });
    const next = carryForward(unreadable, result([finding('r', 'fail')]));
    expect(compareResults(unreadable, next, context)).toMatchObject([
      { kind: 'new-failure', rule: 'r' },
      { kind: 'visibility-regained', title: 'Bulkhead can look at one again' },
    ]);
  });

  test('values seen in the middle of an operation raise nothing, and count when it is over', () => {
    const before = result([finding('r', 'pass')]);
    const during = result([finding('r', 'fail')], { midOperation: true, engine: 'none' });
    expect(follow(before, during, before).flat()).toEqual([]);
    const after = result([finding('r', 'fail')], { engine: 'none' });
    expect(follow(before, during, after)).toEqual([[], [], ['engine-changed', 'new-failure r']]);
  });

  test('what vanishes in the middle of an operation is over when it ends, and what comes back was never gone', () => {
    const a = finding('r', 'fail', { subject: 'namespace/a' });
    const during = result([], { midOperation: true });
    expect(follow(result([a]), during, during, result([]))).toEqual([[], [], [], ['resolved r']]);
    expect(follow(result([a]), during, result([a])).flat()).toEqual([]);
    const accepted = finding('r', 'exempt', { subject: 'namespace/a' });
    expect(follow(result([accepted]), during, result([a])).flat()).toEqual(['exemption-expired r']);
  });

  test('first seen in the middle of an operation, it has no past', () => {
    const during = result([finding('r', 'fail')], { midOperation: true, engine: 'none' });
    expect(follow(during, result([finding('r', 'fail')])).flat()).toEqual([]);
    expect(follow(during, during, result([finding('r', 'fail')], { engine: 'none' })).flat()).toEqual([]);
  });

  test('first seen when it could not be looked at, its first failures are told as one', () => {
    const blind = result([finding('r', 'unknown'), finding('auditor-visibility', 'unknown', { severity: 'info' })], {
      unreadable: { reason: 'timeout', message: 'm' },
      engine: 'unrecognised',
      plugin: '',
    });
    const seen = result([finding('r', 'fail', { severity: 'medium' }), finding('s', 'pass')], { engine: 'none' });
    const first = carryForward(undefined, blind);
    const second = carryForward(first, blind);
    const events = compareResults(second, carryForward(second, seen), context);
    expect(events).toMatchObject([
      { kind: 'first-sight', severity: 'medium', title: 'Bulkhead can look at one for the first time' },
    ]);
    expect(events[0]!.detail).toBe('It fails r.');
  });

  test('looked into for the first time, what is found inside is told as one', () => {
    const sight = (verdict: Verdict) =>
      finding('auditor-visibility', verdict, { severity: 'info', reason: 'forbidden' });
    const pods = finding('pod-isolated', 'fail', { subject: 'workload/a/b[Deployment]' });
    const outside = result([finding('r', 'fail'), sight('unknown'), finding('pod-isolated', 'unknown')]);
    const gone = result([finding('r', 'unknown'), sight('unknown')], {
      unreadable: { reason: 'timeout', message: 'm' },
    });
    const inside = result([finding('r', 'fail'), sight('pass'), pods]);
    expect(follow(outside, inside, outside, inside)).toEqual([
      [],
      ['first-sight'],
      ['visibility-lost'],
      ['visibility-regained'],
    ]);
    expect(follow(outside, gone, inside)).toEqual([[], ['visibility-lost'], ['visibility-regained', 'first-sight']]);
    const first = carryForward(undefined, outside);
    const [told] = compareResults(first, carryForward(first, inside), context);
    expect(told).toMatchObject({
      severity: 'high',
      title: 'Bulkhead can look into one for the first time',
      detail: 'It fails pod-isolated.',
    });
  });

  test('the end of a failure weighs what the failure did, whatever was seen in between', () => {
    const at = (severity: Finding['severity'], more: Partial<Result> = {}): Result =>
      result([finding('r', 'fail', { severity })], more);
    const steps = [at('low'), at('high', { midOperation: true }), result([finding('r', 'pass')])];
    let stored: Result | undefined;
    const events = steps.flatMap((step) => {
      const next = carryForward(stored, step);
      const found = compareResults(stored, next, { ...context, baseline: stored === undefined });
      stored = next;
      return found;
    });
    expect(events).toMatchObject([{ kind: 'resolved', severity: 'low' }]);
  });

  test('an engine that is off and on again leaves no failures behind that were there before', () => {
    const workload = (verdict: Verdict, severity: Finding['severity'] = 'medium') =>
      finding('pod-isolated', verdict, { subject: 'workload/media/resizer[Deployment]', severity });
    const dns = (verdict: Verdict) =>
      finding('dns-reachable', verdict, { subject: 'workload/media/resizer[Deployment]' });
    const on = result([workload('fail'), dns('fail')]);
    const off = result([workload('fail', 'high'), dns('notApplicable')], { engine: 'none' });
    expect(follow(on, off, off, on)).toEqual([[], ['engine-changed'], [], ['engine-changed']]);
    // What was mended or broken meanwhile is told when an engine judges it again.
    const mended = result([workload('pass'), dns('fail')]);
    expect(follow(on, off, mended)[2]).toEqual(['engine-changed', 'resolved pod-isolated']);
    expect(follow(mended, off, on)[2]).toEqual(['engine-changed', 'new-failure pod-isolated']);
    expect(follow(on, off, result([]))[2]).toEqual([
      'engine-changed',
      'resolved dns-reachable',
      'resolved pod-isolated',
    ]);
  });

  test('what the first engine of a cluster finds is told as one', () => {
    const fails = finding('pod-isolated', 'fail', { subject: 'workload/a/b[Deployment]', severity: 'medium' });
    const without = carryForward(undefined, result([fails], { engine: 'none' }));
    const events = compareResults(without, carryForward(without, result([fails])), context);
    expect(events).toMatchObject([{ kind: 'engine-changed', severity: 'medium' }]);
    expect(events[0]!.detail).toBe('The network-policy engine was none and is cilium. It fails pod-isolated.');
  });

  test('an engine that the body does not tell has not changed; behind that, what it was before counts', () => {
    const seen = (more: Partial<Result> = {}) => result([finding('r', 'pass')], more);
    const untold = seen({ engine: 'unrecognised', plugin: '', engineUnread: true });
    expect(follow(seen(), untold, untold, seen())).toEqual([[], [], [], []]);
    expect(follow(seen(), untold, untold, seen({ engine: 'none' }))).toEqual([[], [], [], ['engine-changed']]);
  });

  test('what was never seen has not changed when it is seen first', () => {
    const seen = result([finding('r', 'pass')]);
    const more = { engine: 'unrecognised', plugin: '' } as const;
    const untold = result([finding('r', 'pass')], { ...more, engineUnread: true });
    const blind = result([finding('r', 'unknown')], { ...more, unreadable: { reason: 'timeout', message: 'm' } });
    for (const first of [untold, blind])
      expect(
        follow(first, first, seen)
          .flat()
          .filter((event) => event.endsWith('changed')),
      ).toEqual([]);
  });

  test('an engine that was only ever seen in the middle of an operation has not changed when the operation is over', () => {
    const seen = (more: Partial<Result> = {}) => result([finding('r', 'pass')], more);
    const untold = seen({ engine: 'unrecognised', plugin: '', engineUnread: true });
    const during = seen({ engine: 'none', plugin: '', midOperation: true });
    expect(follow(untold, during, during, seen()).flat()).toEqual([]);
    expect(follow(during, seen()).flat()).toEqual([]);
    expect(follow(during, during, seen(), seen({ engine: 'none' })).flat()).toEqual(['engine-changed']);
  });

  test('an engine that changed behind an outage is told after it', () => {
    const unreadable = { unreadable: { reason: 'subscription-unreadable' as const, message: 'no role' } };
    const blind = result([finding('r', 'unknown')], unreadable);
    const steps = follow(result([finding('r', 'pass')]), blind, result([finding('r', 'pass')], { engine: 'calico' }));
    expect(steps).toEqual([[], ['visibility-lost'], ['engine-changed', 'visibility-regained']]);
  });

  test('a stopped cluster keeps quiet about not being seen', () => {
    const inside = (verdict: Verdict): Result =>
      result([
        finding('auditor-visibility', verdict, {
          severity: 'info',
          ...(verdict === 'unknown' ? { reason: 'stopped' } : {}),
        }),
      ]);
    expect(follow(inside('pass'), inside('unknown'), inside('pass')).flat()).toEqual([]);
  });

  test('a plugin that changed is told', () => {
    expect(follow(result([]), result([], { plugin: 'kubenet' })).flat()).toEqual(['plugin-changed']);
  });

  test('appearing, going and coming back are told, the first sight of its subscription is not', () => {
    const here = result([finding('r', 'fail')]);
    expect(compareResults(undefined, here, { ...context, baseline: true })).toEqual([]);
    expect(compareResults(undefined, here, context)).toMatchObject([{ kind: 'cluster-appeared', severity: 'high' }]);
    expect(follow(here, { ...here, gone: true }, { ...here, gone: true }).flat()).toEqual(['cluster-gone']);
    expect(compareResults({ ...here, gone: true }, here, context)).toMatchObject([{ kind: 'cluster-appeared' }]);
  });
});

test('every event of a step has an id of its own', () => {
  const reach = (from: number, to: number): Result['reach'] => ({
    namespaces: ['a', 'b'],
    sets: ['', '0-1'],
    workloads: [['a/web[Deployment]', from, 0, to, 0]],
  });
  const [before, after] = [result([], { reach: reach(0, 0)! }), result([], { reach: reach(1, 1)! })];
  const events = compareResults(before, after, context);
  expect(events.map(({ title }) => title)).toHaveLength(2);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

test('whatever happens to a rule, failures and their ends alternate', () => {
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'unknown', 'notApplicable', 'exempt');
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1, maxLength: 12 }), (verdicts) => {
      const events = follow(...verdicts.map((v) => result([finding('r', v)]))).flat();
      const starts = events.map((event) => !event.startsWith('resolved'));
      for (let i = 1; i < starts.length; i++) expect(starts[i]).not.toBe(starts[i - 1]);
    }),
  );
});

test('the same result twice tells nothing, whatever it is', () => {
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'unknown', 'notApplicable', 'exempt');
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 5 }), fc.boolean(), (verdicts, midOperation) => {
      const step = result(
        verdicts.map((v, i) => finding(`r${i}`, v)),
        { midOperation },
      );
      expect(follow(step, step)[1]).toEqual([]);
    }),
  );
});

test('a failure that is exempted says who accepts it, until when and why', () => {
  const exemption = {
    owner: 'Kim',
    reason: 'legacy',
    expires: '2026-12-31T23:59:59.999Z',
    source: 'tag bulkhead-exempt',
  };
  const [event] = compareResults(
    result([finding('r', 'fail')]),
    result([finding('r', 'exempt', { exemption })]),
    context,
  );
  expect(event).toMatchObject({
    kind: 'resolved',
    title: 'Exempt: one fails r',
    detail: 'Exempt until 2026-12-31T23:59Z, owned by Kim, because: legacy (tag bulkhead-exempt). r says exempt',
    exemption,
  });
});

describe('what is told of a failure is a sentence about the object', () => {
  const of = (verdict: Verdict, more: Partial<Finding> = {}): Finding =>
    finding('no-allow-all', verdict, { subject: 'policy/web/open[NetworkPolicy]', severity: 'low', ...more });
  const exemption = { owner: 'Kim', reason: 'legacy', expires: '2026-12-31T23:59:59.999Z', source: 'tag' };
  const topic = 'web/open[NetworkPolicy] in one admits everyone on every port';

  test.each<[string, Finding, Finding, string]>([
    ['it began', of('pass'), of('fail'), topic],
    ['it became worse', of('fail'), of('fail', { severity: 'high' }), `Now high: ${topic}`],
    ['it was mended', of('fail'), of('pass'), `Resolved: ${topic}`],
    ['it no longer applies', of('fail'), of('notApplicable'), `No longer applies: ${topic}`],
    ['somebody accepted it', of('fail'), of('exempt', { exemption }), `Exempt: ${topic}`],
    ['nobody accepts it any more', of('exempt', { exemption }), of('fail'), `Exemption ended: ${topic}`],
  ])('%s', (_name, before, after, title) => {
    const told = compareResults(result([before]), result([after]), context);
    expect(told.map((event) => [event.title, event.topic])).toEqual([[title, topic]]);
  });
});

test('what fails in the middle of an operation is told with the weight and the words of the finding', () => {
  const standing = [{ rule: 'r', subject: 'cluster', verdict: 'fail', severity: 'high' }] as const;
  const now = result([finding('r', 'fail', { severity: 'medium', message: 'for egress' })], {
    midOperation: true,
    standing,
  });
  expect(eventsOfFailures(now, context)).toMatchObject([{ severity: 'medium', detail: 'for egress' }]);
  const gone = result([], { midOperation: true, standing });
  expect(eventsOfFailures(gone, context)).toMatchObject([
    { severity: 'high', detail: 'It failed when it was last decided.' },
  ]);
});
