// Commands that look: alerts, reasons, history; and what is true of every answer.
import { describe, expect, test } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { DriftEvent, Result } from '../../shared/model/result.ts';
import { commands } from '../../shared/teams/commands/index.ts';
import { alertEvent, alertView, clusterEvent } from '../support/alerts.ts';
import { busyServices, say, shop } from '../support/bot-services.ts';

describe('alerts', () => {
  const many = Array.from({ length: 20 }, (_, i) =>
    alertView({ id: `id${i}`, event: alertEvent({ title: `title ${i}` }) }),
  );
  const given = (...all: ReturnType<typeof alertView>[]) => busyServices({}, { alerts: async () => all });

  test('each with its id, age, who takes care of it and why it is muted', async () => {
    const ack = { by: 'Kim', at: '2026-11-21T09:00:00.000Z', comment: 'on it' };
    const { texts, all } = await say(
      'alerts',
      given(
        alertView({ id: 'first', ack }),
        alertView({ id: 'second', status: 'pending', suppressedBy: ['silence 3fa9c1 by Kim until tomorrow'] }),
      ),
    );
    expect(texts[0]).toBe('1 alert firing, 1 pending, 1 muted');
    expect(all).toContain('high · firing for 3 hours · alert first');
    expect(all).toContain('acknowledged by Kim, 2026-11-21 09:00 UTC: “on it”');
    expect(all).toContain('high · pending for 3 hours, not posted yet · alert second');
    expect(all).toContain('muted: silence 3fa9c1 by Kim until tomorrow');
  });

  test('above them, what is wrong with the routing', async () => {
    const routingProblems = async () => ['route.routes[0]: a', 'flap: b', 'digest: c', 'times: d'];
    const { texts } = await say('alerts', busyServices({}, { alerts: async () => [], routingProblems }));
    expect(texts[0]).toBe(
      'The routing has mistakes; the rest of it applies: route.routes[0]: a; flap: b; digest: c; and 1 more',
    );
  });

  test('a button to acknowledge what nobody has, flapping or not', async () => {
    const ack = { by: 'Kim', at: '2026-11-21T09:00:00.000Z' };
    const { buttons } = await say(
      'alerts',
      given(
        alertView({ id: 'first', ack }),
        alertView({ id: 'second', ack, flapping: true }),
        alertView({ id: 'third', flapping: true, event: alertEvent({ subject: 'policy/web/other[NetworkPolicy]' }) }),
        alertView({ id: 'fourth' }),
        alertView({ id: 'fifth', status: 'pending' }),
      ),
    );
    expect(Object.values(buttons).filter((command) => command.startsWith('ack'))).toEqual(['ack third', 'ack fourth']);
  });

  test('the baseline behind them, and where it goes on', async () => {
    const failed = (count: number): Pick<AlertService, 'baseline'> => ({
      async *baseline() {
        for (let i = 0; i < count; i++) yield alertView({ id: `old${i}`, baseline: true });
      },
    });
    const list = async (count: number) =>
      (await say('alerts', busyServices({}, { alerts: async () => [alertView()], ...failed(count) }))).texts;
    expect((await list(200))[0]).toBe('1 alert firing, 200 failures in the baseline');
    const texts = await list(201);
    expect(texts[0]).toBe('1 alert firing, more than 200 failures in the baseline');
    expect(texts.at(-1)).toBe('The HTTP API lists the whole baseline · page 1 of 26');
  });

  test('page by page', async () => {
    const first = await say('alerts', given(...many));
    expect(first.texts).toContain('page 1 of 3');
    expect(first.buttons).toMatchObject({ 'More alerts': 'alerts 2' });
    const last = await say('alerts 3', given(...many));
    expect(last.texts).toContain('title 19');
    expect(last.buttons).not.toHaveProperty('More alerts');
  });

  test.each([
    ['alerts SHO', '1 alert firing on shop'],
    ['alerts pay', 'No alert is open on 2 clusters'],
    ['alerts shp', 'There is no cluster called “shp”'],
    ['alerts old', '1 alert firing on old'],
  ])('of one cluster: %s', async (message, headline) => {
    const gone = alertView({ event: clusterEvent({ clusterId: '/gone', clusterName: 'old' }) });
    expect((await say(message, given(alertView(), gone))).texts[0]).toBe(headline);
  });
});

describe('why', () => {
  const open: Finding = {
    rule: 'no-allow-all',
    subject: 'policy/web/open[NetworkPolicy]',
    verdict: 'fail',
    severity: 'high',
    message: 'The policy admits everyone.',
    remediation: 'kubectl delete it',
  };
  const exempted: Finding = {
    ...open,
    subject: 'policy/web/old[NetworkPolicy]',
    verdict: 'exempt',
    exemption: { owner: 'Kim', reason: 'legacy', expires: '2026-12-31T23:59:59.000Z', source: 'tag' },
  };
  const resultOf = (...findings: Finding[]): Result => ({ findings }) as unknown as Result;
  const at = (day: number, ...findings: Finding[]) => ({
    at: new Date(`2026-11-${day}T10:00:00Z`),
    result: resultOf(...findings),
  });
  const given = busyServices({
    clusterResult: async () => resultOf(open, exempted),
    history: async () => [at(21, open, exempted), at(18, open), at(17, { ...open, verdict: 'pass' }), at(16, open)],
  });

  test('tells the verdict, since when, why it matters and what mends it', async () => {
    const { texts, all, buttons } = await say('why SHOP no-allow web/open', given);
    expect(texts[0]).toBe('web/open[NetworkPolicy] in shop admits everyone on every port');
    expect(all).toContain('no-allow-all · high · for 3 days, since 2026-11-18 10:00 UTC');
    expect(texts).toEqual(
      expect.arrayContaining([
        'The policy admits everyone.',
        'kubectl delete it',
        'It opens all.',
        'https://example.com/rule',
      ]),
    );
    expect(buttons).toMatchObject({ Documentation: 'https://example.com/rule' });
  });

  test('without a subject it tells the worst, and offers the others', async () => {
    const { all, buttons } = await say('why shop no-allow-all', given);
    expect(all).toContain('exempt: policy/web/old[NetworkPolicy]');
    expect(buttons).toMatchObject({
      'Why web/old[NetworkPolicy]': `why ${shop.key} no-allow-all policy/web/old[NetworkPolicy]`,
    });
  });

  test('an exemption is told with its owner, reason and end', async () => {
    const { all } = await say('why shop no-allow-all policy/web/old[NetworkPolicy]', given);
    expect(all).toContain('Exempt until 2026-12-31 23:59 UTC, owned by Kim');
    expect(all).toContain('Because: legacy (tag)');
  });

  test('when it was so as far back as history goes, it says at least', async () => {
    const { all } = await say('why shop no-allow-all', { ...given, history: async () => [at(16, open)] });
    expect(all).toContain('for at least 5 days, since 2026-11-16');
  });

  test('what could not be decided tells the last verdict that could', async () => {
    const unknown: Finding = {
      ...open,
      verdict: 'unknown',
      reason: 'private',
      last: { verdict: 'fail', severity: 'high' },
    };
    const { texts } = await say('why shop no-allow-all', { ...given, clusterResult: async () => resultOf(unknown) });
    expect(texts[0]).toContain('could not be judged by');
    expect(texts).toContain('The last verdict that could be reached: fail');
  });

  test.each<[string, string, readonly string[]]>([
    ['why', 'I did not understand this “why”', []],
    ['why shop', 'Which rule do you mean?', ['no-allow-all', 'engine-enabled']],
    ['why shop no-', 'There is no rule “no-”', ['no-allow-all', 'no-pod-ip']],
    ['why shop no-alow-all', 'There is no rule “no-alow-all”', ['no-allow-all']],
    ['why shop frobnicate', 'There is no rule “frobnicate”', []],
    ['why shop no-pod-ip', 'no-pod-ip found nothing to judge on shop', []],
    [
      'why shop no-allow-all nosuch',
      'no-allow-all says nothing about “nosuch” on shop',
      ['policy/web/open[NetworkPolicy]', 'policy/web/old[NetworkPolicy]'],
    ],
    ['why nosuchcluster no-allow-all', 'There is no cluster called “nosuchcluster”', []],
  ])('%s', async (message, headline, choices) => {
    const { texts, buttons } = await say(message, given);
    expect(texts[0]).toBe(headline);
    expect(Object.keys(buttons)).toEqual(choices);
  });
});

describe('history', () => {
  test('tells the last changes with their ages, newest first', async () => {
    const drift = async () =>
      [
        alertEvent({ kind: 'resolved', title: 'It is over', at: '2026-11-21T09:10:00.000Z' }),
        alertEvent({ title: 'It broke', at: '2026-11-18T10:00:00.000Z' }),
      ] as DriftEvent[];
    const { texts, buttons } = await say('history shop', busyServices({ drift }));
    expect(texts.filter((_, index) => index > 1)).toEqual([
      'It is over',
      '60 minutes ago, 2026-11-21 09:10 UTC · high',
      'The policy admits everyone.',
      'It broke',
      '3 days ago, 2026-11-18 10:00 UTC · high',
      'The policy admits everyone.',
    ]);
    expect(buttons).toMatchObject({ Alerts: `alerts ${shop.key}` });
  });

  test.each([
    ['history', 'I did not understand this “history”'],
    ['history pay', '2 clusters are called something like “pay”'],
    ['history shop', 'shop: fail for 34 hours'],
  ])('%s', async (message, headline) => {
    expect((await say(message)).texts[0]).toBe(headline);
  });
});

describe('every answer', () => {
  const typed = [
    '',
    'help',
    'status',
    'alerts',
    'ack x',
    'silences',
    'why',
    'history shop',
    'frobnicate',
    'x'.repeat(2_000),
  ];
  test.each(typed)('has one headline, and the warning above it when scans have stopped: %s', async (message) => {
    const calm = await say(message);
    const { texts } = await say(message, busyServices({ overdue: async () => 'Scans have stopped: look.' }));
    expect(texts).toEqual(['Scans have stopped: look.', ...calm.texts]);
    expect(calm.texts[0]).toBe(calm.summary);
  });

  test('help lists every command under what it does, and who may', async () => {
    const { texts } = await say('help');
    for (const { usage } of commands) expect(texts).toContain(usage);
    expect(texts.indexOf('Look')).toBeLessThan(texts.indexOf('Act'));
    const marked = texts.filter((text) => / Operators only( in a channel)?\.$/.test(text));
    expect(marked).toHaveLength(commands.filter(({ operators }) => operators !== undefined).length);
  });

  test.each(commands)('the example of $name is a message that it understands', async ({ name, usage, example }) => {
    const silence: AlertService['silence'] = async ({ matchers, endsAt, comment }, createdBy) => {
      return { id: 'made', matchers, startsAt: '', endsAt: endsAt.toISOString(), createdBy, comment };
    };
    const { texts } = await say(example, busyServices({}, { silence }));
    expect([example, usage].map((words) => words.split(' ')[0])).toEqual([name, name]);
    expect(texts[0]).not.toMatch(/^I d(o|id) not /);
  });
});
