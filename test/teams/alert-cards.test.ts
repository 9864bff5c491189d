// Alert cards: what the headline says of each state, which buttons there are, and that everything fits and is plain text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../shared/alerts/card.ts';
import { ownKinds } from '../../shared/alerts/alert.ts';
import { isMeantBy } from '../../shared/alerts/muting.ts';
import { parseSilence } from '../../shared/teams/commands/grammar.ts';
import { driftKinds } from '../../shared/model/result.ts';
import { alertCard } from '../../shared/teams/cards/alert.ts';
import { MAX_CARD_BYTES } from '../../shared/teams/cards/parts/card.ts';
import { alertEvent, alertsCardOf, cardItem, clusterEvent, digestCardOf, stormCardOf } from '../support/alerts.ts';
import { readCard } from '../support/card-schema.ts';
import { runs } from '../support/runs.ts';

const now = new Date('2026-11-21T10:10:00Z');
const render = (card: Card) => {
  const message = alertCard(card, now);
  return { message, ...readCard(message.card) };
};
const TITLE = 'web/open[NetworkPolicy] in shop admits everyone on every port';
const ack = (by: string) => cardItem('acknowledged', { by });
const medium = cardItem('firing', { event: alertEvent({ severity: 'medium', title: 'That too' }) });
const silenced = cardItem('silenced', { silence: { id: '3fa9c1', by: 'Robin', until: '2026-11-22T10:00:00.000Z' } });
const blind = { event: clusterEvent() };

describe('the headline', () => {
  test.each<[string, Card, string]>([
    ['one firing', alertsCardOf([cardItem('firing')]), TITLE],
    ['several firing', alertsCardOf([cardItem('firing'), medium], { more: 2 }), `${TITLE}, and 3 more changes`],
    ['two firing', alertsCardOf([cardItem('firing'), medium]), `${TITLE}, and 1 more change`],
    ['one resolved', alertsCardOf([cardItem('resolved')]), `Resolved: ${TITLE}`],
    ['a cluster seen again', alertsCardOf([cardItem('resolved', blind)]), `Resolved: ${blind.event.title}`],
    [
      'all resolved',
      alertsCardOf([cardItem('resolved'), cardItem('resolved')]),
      `Resolved: ${TITLE}, and 1 more change`,
    ],
    [
      'some resolved: the worst that is left',
      alertsCardOf([cardItem('resolved'), medium, cardItem('resolved')]),
      '2 of 3 resolved: That too',
    ],
    [
      'all shown resolved, others left out',
      alertsCardOf([cardItem('resolved')], { more: 4 }),
      `1 of 5 resolved: ${TITLE}`,
    ],
    [
      'a change and what it broke, mended',
      alertsCardOf([cardItem('happened', blind), cardItem('resolved')]),
      `Resolved: ${TITLE}, and 1 more change`,
    ],
    [
      'a change and what it broke, half mended',
      alertsCardOf([cardItem('happened', blind), cardItem('resolved'), medium]),
      '1 of 2 resolved: That too',
    ],
    [
      'a change and what it broke, acknowledged',
      alertsCardOf([cardItem('happened', blind), ack('Robin')]),
      `Acknowledged by Robin: ${blind.event.title}, and 1 more change`,
    ],
    ['acknowledged', alertsCardOf([ack('Robin')]), `Acknowledged by Robin: ${TITLE}`],
    [
      'by two people',
      alertsCardOf([ack('Robin'), ack('Kim')]),
      `Acknowledged by Robin and Kim: ${TITLE}, and 1 more change`,
    ],
    ['one of two acknowledged', alertsCardOf([cardItem('firing'), ack('Kim')]), `${TITLE}, and 1 more change`],
    ['silenced', alertsCardOf([silenced]), `Silenced until 2026-11-22 10:00 UTC: ${TITLE}`],
    ['one of two silenced', alertsCardOf([cardItem('firing'), silenced]), `${TITLE}, and 1 more change`],
    [
      'a failure that became worse, resolved',
      alertsCardOf([cardItem('resolved', { event: alertEvent({ title: `Now high: ${TITLE}` }) })]),
      `Resolved: ${TITLE}`,
    ],
    ['flapping', alertsCardOf([cardItem('flapping')]), `Flapping since 2026-11-18 10:00 UTC: ${TITLE}`],
    ['told elsewhere', alertsCardOf([cardItem('repeated')]), `Posted again on a newer card: ${TITLE}`],
    ['posted again', alertsCardOf([cardItem('firing')], { kind: 'repeat' }), `Still failing: ${TITLE}, for 3 days`],
    [
      'no rule, posted again',
      alertsCardOf([cardItem('firing', blind)], { kind: 'repeat' }),
      `Still so: ${blind.event.title}, for 3 days`,
    ],
    [
      'posted again and resolved',
      alertsCardOf([cardItem('resolved', blind)], { kind: 'repeat' }),
      `Resolved: ${blind.event.title}`,
    ],
    ['a storm', stormCardOf([cardItem('firing')]), '37 of 120 clusters changed'],
    ['a storm that is over', stormCardOf([cardItem('resolved')], { more: 0 }), 'Resolved: 37 of 120 clusters changed'],
    ['a digest', digestCardOf([]), 'Weekly digest: 3 of 19 clusters fail'],
  ])('%s', (_name, card, headline) => {
    const { message, texts } = render(card);
    expect(message.summary).toBe(headline);
    expect(texts[0]).toBe(headline);
  });

  test.each([
    ['resolved', cardItem('resolved'), 'good'],
    ['firing and high', cardItem('firing'), 'attention'],
    ['firing and medium', medium, 'warning'],
    ['acknowledged', ack('Robin'), 'accent'],
    ['good news', cardItem('happened', { event: alertEvent({ kind: 'resolved' }) }), 'good'],
  ])('%s has its colour', (_name, item, color) => {
    const [headline] = alertCard(alertsCardOf([item]), now).card['body'] as { inlines: { color: string }[] }[];
    expect(headline?.inlines[0]?.color).toBe(color);
  });
});

describe('the body', () => {
  test('that scans have stopped stands above everything', () => {
    const { texts } = render(alertsCardOf([cardItem('firing')], { overdue: 'Scans have stopped: look.' }));
    expect(texts.slice(0, 2)).toEqual(['Scans have stopped: look.', TITLE]);
  });

  test('warns when another conversation cannot be posted to', () => {
    const failed = 'Bulkhead cannot post to oncall.';
    expect(render(alertsCardOf([cardItem('firing')], { failed })).texts.slice(0, 2)).toEqual([failed, TITLE]);
  });

  test.each([
    ['firing', 'high · firing since 2026-11-18 10:00 UTC'],
    ['flapping', 'high · keeps switching between failing and passing, since 2026-11-18 10:00 UTC'],
    ['resolved', 'high · resolved 2026-11-18 10:00 UTC'],
    ['repeated', 'high · posted again on a newer card'],
  ] as const)('an alert says that it is %s', (shown, line) => {
    expect(render(alertsCardOf([cardItem(shown)])).texts).toContain(line);
  });

  test('who silenced it, until when, and who takes care of it', () => {
    expect(render(alertsCardOf([{ ...silenced, by: 'Kim' }])).texts).toContain(
      'high · silenced by Robin until 2026-11-22 10:00 UTC, acknowledged by Kim',
    );
  });

  test('who takes care of what flaps is told', () => {
    expect(render(alertsCardOf([cardItem('flapping', { by: 'Robin' })])).texts).toContain(
      'high · keeps switching between failing and passing, since 2026-11-18 10:00 UTC, acknowledged by Robin',
    );
  });

  test('what is resolved needs no remedy; the same remedy stands once', () => {
    const { texts } = render(alertsCardOf([cardItem('firing'), cardItem('firing'), cardItem('resolved')]));
    expect(texts.filter((text) => text.startsWith('kubectl'))).toHaveLength(1);
    expect(render(alertsCardOf([cardItem('resolved')])).texts.join()).not.toContain('kubectl');
    expect(render(alertsCardOf([cardItem('happened'), cardItem('resolved')])).texts.join()).not.toContain('kubectl');
  });

  test('a manifest keeps its indentation', () => {
    const remediation = 'metadata:\n  name: deny';
    const body = alertCard(alertsCardOf([cardItem('firing', { event: alertEvent({ remediation }) })]), now).card[
      'body'
    ];
    expect(JSON.stringify(body)).toContain(JSON.stringify(remediation));
    expect(JSON.stringify(body)).toContain('"text":"\u00a0\u00a0name: deny"');
  });

  test('the first are shown in full, more as lines, and the rest is counted', () => {
    const { texts } = render(
      alertsCardOf(
        Array.from({ length: 40 }, () => cardItem('firing')),
        { more: 7 },
      ),
    );
    expect(texts.filter((text) => text === 'The policy admits everyone.')).toHaveLength(5);
    expect(texts.filter((text) => text === `high: ${TITLE}`)).toHaveLength(20);
    expect(texts).toContain('and 22 more: type “alerts” to see them');
  });

  test('a storm tells what by kind and rule, and the worst five', () => {
    const { texts } = render(stormCardOf(Array.from({ length: 8 }, () => cardItem('firing'))));
    expect(texts.join('|')).toContain('new failure|no-allow-all|30|engine changed|–|7');
    expect(texts.filter((text) => text === `high: ${TITLE}`)).toHaveLength(5);
    expect(texts).toContain('and 93 more: type “alerts” to see them');
  });

  test('a digest draws the trend, says it in numbers too, and by how much it changed', () => {
    const { message, texts } = render(digestCardOf([cardItem('firing')]));
    const body = message.card['body'] as { type: string; data?: unknown }[];
    expect(body.find(({ type }) => type === 'Chart.Line')?.data).toMatchObject([
      {
        legend: 'fail',
        values: [
          { x: '2026-11-20', y: 1 },
          { x: '2026-11-21', y: 3 },
        ],
      },
      {
        legend: 'pass',
        values: [
          { x: '2026-11-20', y: 18 },
          { x: '2026-11-21', y: 16 },
        ],
      },
    ]);
    expect(texts.join('|')).toContain('3|fail (+2)|16|pass (−2)');
    expect(texts.join('|')).toContain('2026-11-21|3|0|16');
    expect(texts.join('|')).toContain('new failure|12|resolved|1');
    expect(texts).toContain('2 silences in force: type “silences” to see them');
  });

  test('a quiet digest says so', () => {
    const { texts, buttons } = render(digestCardOf([], { trend: [], changes: [], silences: 0 }));
    expect(texts).toContain('No alert is waiting for anyone');
    expect(texts).toContain('Nothing changed in the last week');
    expect(Object.keys(buttons)).toEqual(['Fleet status']);
  });
});

describe('buttons', () => {
  const subscription = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
  const key = `${subscription}~rg~shop`;
  const other = (name: string) =>
    cardItem('firing', { alertId: `id${name}`, event: alertEvent({ subject: `namespace/${name}` }) });

  test('one alert is acknowledged, silenced, explained', () => {
    expect(render(alertsCardOf([cardItem('firing')])).buttons).toEqual({
      Acknowledge: 'ack a1b2c3d4e5',
      'Silence 1 day': `silence cluster=shop resourceGroup=rg subscription=${subscription} rule=no-allow-all for 1d because from the card`,
      Why: `why ${key} no-allow-all policy/web/open[NetworkPolicy]`,
      'Status of shop': `status ${key}`,
      'Fleet status': 'status',
    });
  });

  test('a click silences one cluster, and not others of its name', () => {
    const { buttons } = render(alertsCardOf([cardItem('firing')]));
    const silence = parseSilence(buttons['Silence 1 day']!.slice('silence '.length), now, 'UTC');
    if ('problems' in silence) throw new Error(silence.problems.join());
    const isMeant = isMeantBy(silence);
    expect(isMeant(alertEvent())).toBe(true);
    expect(isMeant(alertEvent({ resourceGroup: 'other', clusterId: '/other' }))).toBe(false);
    expect(isMeant(alertEvent({ subscriptionId: 'other', clusterId: '/other' }))).toBe(false);
    expect(isMeant(alertEvent({ rule: 'other' }))).toBe(false);
    expect(silence.comment).toBe('from the card');
  });

  test('of several, three are acknowledged each by its own', () => {
    const { buttons } = render(alertsCardOf(['a', 'b', 'c', 'd'].map(other)));
    expect(Object.keys(buttons)).toEqual([
      'Ack no-allow-all: a',
      'Ack no-allow-all: b',
      'Ack no-allow-all: c',
      'Silence no-allow-all 1 day',
      'Why no-allow-all',
      'Status of shop',
    ]);
  });

  test.each<[string, ReturnType<typeof cardItem>, readonly string[]]>([
    ['resolved', cardItem('resolved'), ['Why', 'Status of shop', 'Fleet status']],
    ['acknowledged', ack('Robin'), ['Silence 1 day', 'Why', 'Status of shop', 'Fleet status']],
    [
      'flapping and acknowledged',
      cardItem('flapping', { by: 'Robin' }),
      ['Silence 1 day', 'Why', 'Status of shop', 'Fleet status'],
    ],
    ['happened once', cardItem('happened', blind), ['Status of shop', 'Fleet status']],
    ['not visible', cardItem('firing', blind), ['Acknowledge', 'Silence 1 day', 'Status of shop', 'Fleet status']],
    [
      'about Bulkhead itself',
      cardItem('firing', {
        event: clusterEvent({ kind: 'scans-stopped', clusterId: '', clusterName: '', subscriptionId: '' }),
      }),
      ['Acknowledge', 'Fleet status'],
    ],
    ['silenced', silenced, ['End silence 3fa9c1', 'Why', 'Status of shop', 'Fleet status']],
  ])('what is %s has what fits it', (_name, item, expected) => {
    expect(Object.keys(render(alertsCardOf([item])).buttons)).toEqual(expected);
  });

  test('what lasts is silenced and explained, though something worse happened once', () => {
    const { buttons } = render(alertsCardOf([cardItem('happened', blind), cardItem('firing')]));
    expect(Object.keys(buttons)).toEqual([
      'Ack no-allow-all: web/open',
      'Silence no-allow-all 1 day',
      'Why no-allow-all',
      'Status of shop',
      'Fleet status',
    ]);
  });

  test('a command too long to be understood is on no button', () => {
    const event = alertEvent({ subject: `policy/${'x'.repeat(1_000)}` });
    expect(render(alertsCardOf([cardItem('firing', { event })])).buttons).not.toHaveProperty('Why');
  });
});

describe('size and safety', () => {
  const judge = (card: Card) => {
    const { message, texts, buttons } = render(card);
    const json = JSON.stringify(message.card);
    return {
      fits: Buffer.byteLength(json) <= MAX_CARD_BYTES,
      headed: texts.some((text) => text.startsWith(message.summary.slice(0, 30))),
      buttons: Object.keys(buttons).length > 0,
      halfCharacters: /\\ud[89a-f]/.test(json),
    };
  };
  const good = { fits: true, headed: true, buttons: true, halfCharacters: false };
  const kinds = [...driftKinds, ...ownKinds];
  const cardsOf = (letters: string): readonly Card[] => {
    const words = letters.repeat(1_000);
    const items = Array.from({ length: 200 }, (_, i) =>
      cardItem(i % 2 ? 'firing' : 'acknowledged', {
        alertId: `id${i}`,
        by: words,
        event: alertEvent({
          kind: kinds[i % kinds.length]!,
          title: words,
          detail: words,
          remediation: `${i}\n  ${words}`,
          clusterName: words,
          resourceGroup: words,
          rule: words,
          subject: words,
        }),
      }),
    );
    const [overdue, failed] = [words, words];
    const byKind = items.map(() => ({ kind: words, rule: words, clusters: 1 }));
    const changes = items.map(() => ({ kind: words, count: 1 }));
    return [
      alertsCardOf(items, { group: words, overdue, failed }),
      alertsCardOf(items, { kind: 'repeat', overdue, failed }),
      stormCardOf(items, { why: words, byKind, overdue, failed }),
      digestCardOf(items, { changes, overdue, failed }),
    ];
  };

  test.each([
    ['letters', 'x'],
    ['signs of two bytes and more', '界'],
    ['emoji', '🧱'],
    ['quotes', '"'],
    ['line breaks', '\n'],
    ['control characters', '\u0001'],
  ])('200 items of 1,000 %s fit, with headline and buttons', (_name, letters) => {
    expect(cardsOf(letters).map(judge)).toEqual([good, good, good, good]);
  });

  test('whatever a cluster says fits', () => {
    const long = fc.string({ unit: 'grapheme', maxLength: 2_000 });
    const item = fc
      .tuple(long, long, long, fc.constantFrom(...kinds), fc.constantFrom('firing', 'resolved', 'flapping', 'happened'))
      .map(([title, detail, remediation, kind, shown]) =>
        cardItem(shown, { event: alertEvent({ title, detail, remediation, kind }) }),
      );
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 30 }), (items) => {
        expect([alertsCardOf(items), stormCardOf(items)].map(judge)).toEqual([good, good]);
      }),
      { numRuns: runs(40) },
    );
  });

  test('nothing that comes from a cluster is read as markdown', () => {
    const event = alertEvent({
      title: '**bold** [click](http://evil.example)',
      detail: '# big',
      remediation: '`code`',
    });
    const { texts } = render(alertsCardOf([cardItem('firing', { event })]));
    expect(texts).toEqual(expect.arrayContaining(['**bold** [click](http://evil.example)', '# big', '`code`']));
  });
});
