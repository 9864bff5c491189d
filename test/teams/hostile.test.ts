// Whatever is typed, and whatever others own: each answer is a card that Teams takes, with buttons that are understood.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import type { Result } from '../../shared/model/result.ts';
import { MAX_COMMAND_CHARS } from '../../shared/teams/cards/parts/elements.ts';
import { answer, commands } from '../../shared/teams/commands/index.ts';
import { alertEvent, alertView } from '../support/alerts.ts';
import { botServices, quietAlerts } from '../support/bot-services.ts';
import { readCard } from '../support/card-schema.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { runs } from '../support/runs.ts';

/** Of a card, in words of our own: Teams refuses messages of about 28 KB, and there is an envelope around it. */
const MOST_BYTES = 25_000;

/** Text as long as Azure and Kubernetes let it be, in letters that take most room. */
const long = (chars: number, of = '\u0001“漢'): string => of.repeat(chars).slice(0, chars);
const COMMENT = long(500);
const until = '2026-12-31T00:00:00.000Z';
const before = '2026-11-20T00:00:00.000Z';
const twins = Array.from({ length: 2_000 }, (_, i) =>
  fleetCluster(`${'n'.repeat(60)}`, {
    resourceGroup: `${'g'.repeat(80)}-${i}`,
    verdict: 'fail',
    failing: Array.from({ length: 60 }, (__, rule) => `rule-${rule}-${'r'.repeat(40)}`),
    tags: Object.fromEntries(Array.from({ length: 50 }, (__, tag) => [`${long(500)}${tag}`, long(256)])),
    unreadable: { reason: 'forbidden', message: long(3_000) },
  }),
);
const finding = (subject: string) => ({
  rule: 'no-allow-all',
  subject,
  severity: 'high' as const,
  verdict: 'fail' as const,
  message: long(5_000),
  remediation: Array.from({ length: 200 }, () => `  ${long(300)}`).join('\n'),
});
const result = {
  findings: Array.from({ length: 1_500 }, (_, i) => finding(`policy/${'s'.repeat(250)}/${'p'.repeat(250)}-${i}`)),
} as unknown as Result;
const silences = Array.from({ length: 500 }, (_, i) => ({
  id: `silence-${i}`,
  matchers: Array.from({ length: 20 }, () => `subject=${long(900)}`),
  startsAt: before,
  endsAt: until,
  createdBy: long(80),
  comment: COMMENT,
}));
const exemptions = Array.from({ length: 500 }, (_, i) => ({
  id: `exemption-${i}`,
  cluster: long(512),
  rule: long(200),
  owner: long(200),
  reason: COMMENT,
  expires: until,
  createdBy: long(80),
  createdAt: before,
}));
const many = Array.from({ length: 3_000 }, (_, i) =>
  alertView({
    id: `alert${i}`,
    event: alertEvent({
      title: long(2_000),
      topic: long(2_000),
      detail: long(5_000),
      clusterName: 'n'.repeat(60),
      clusterId: twins[i % 2_000]!.id,
      remediation: long(9_000),
    }),
    ack: { by: long(80), at: before, comment: COMMENT },
    suppressedBy: Array.from({ length: 50 }, () => long(400)),
  }),
);
const event = { ...alertEvent({ title: long(2_000), detail: long(5_000) }), kind: 'new-failure' as const };

const alerts: AlertService = {
  ...quietAlerts,
  alerts: async () => many,
  async *baseline() {
    yield* many.map((alert) => ({ ...alert, baseline: true as const }));
  },
  silences: async () => silences,
  exemptions: async () => exemptions,
  silence: async ({ matchers, endsAt, comment }, createdBy) => {
    return { id: 'made', matchers, startsAt: before, endsAt: endsAt.toISOString(), createdBy, comment };
  },
  exempt: async (wanted, createdBy) => ({ ...wanted, id: 'made', createdBy, createdAt: before }),
  failedDestinations: async () =>
    Array.from({ length: 500 }, () => ({ kind: 'channel', by: long(80), failed: long(300) })),
  routingProblems: async () => Array.from({ length: 500 }, () => long(1_000)),
};
/** An estate in which everything is as large as it may be. */
const services = botServices({
  fleet: async () => fleetOf(twins, { missing: Array.from({ length: 500 }, () => long(600)) }),
  clusterResult: async () => result,
  history: async () => [{ at: new Date(before), result }],
  drift: async () => Array.from({ length: 500 }, () => event) as never,
  rules: [
    {
      id: 'no-allow-all',
      title: long(300),
      failing: long(300),
      rationale: long(3_000),
      references: Array.from({ length: 20 }, () => `https://example.com/${'r'.repeat(400)}`),
    },
  ],
  isOperator: () => true,
  overdue: async () => long(1_000),
  alerts,
});
const context = {
  address: { conversationId: 'c', serviceUrl: 'https://s', tenantId: 't', kind: 'personal', reference: '{}' },
  from: { id: 'robin', name: long(80) },
  zone: 'UTC',
} as const;

/** @throws unless the answer is a card that Teams takes, and whose buttons are understood when they are pressed */
async function check(message: string): Promise<void> {
  const { summary, card } = await answer(message, services, context);
  expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThanOrEqual(MOST_BYTES);
  expect(summary.length).toBeLessThanOrEqual(300);
  for (const command of Object.values(readCard(card).buttons))
    expect(command.length).toBeLessThanOrEqual(MAX_COMMAND_CHARS);
}

const cluster = 'n'.repeat(60);
const key = twins[7]!.key;

describe('in an estate where everything is as large as it may be', () => {
  test.each([
    'status',
    'status 99999',
    `status ${cluster}`,
    `status ${key}`,
    `status ${key} 50`,
    'alerts',
    'alerts 125',
    `alerts ${cluster}`,
    'silences',
    'silences 100',
    'exemptions',
    'exemptions 100',
    `history ${key}`,
    `why ${key} no-allow-all`,
    `why ${key} no-allow-all p`,
    `why ${cluster} no-allow-all`,
    'ack alert7',
    'ack nosuch',
    'unack alert7',
    'silence cluster=* for 2h because we move',
    `exempt ${key} no-allow-all until 2026-12-31 because ${long(200)}`,
    `exempt ${cluster} no-allow-all until 2026-12-31 because ${long(800)}`,
    'help',
  ])('%s is answered with a card', async (message) => {
    await expect(check(message)).resolves.toBeUndefined();
  });
});

describe('whatever is typed', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '*',
      '**',
      '\u0000',
      '\u202E',
      '{{x}}',
      '<at>x</at>',
      '=',
      '!=',
      ',',

      'cluster=',
      'tag.__proto__=x',
      'tag.constructor=*',
      'for',
      'until',
      'because',
      'confirm',
      '2h',
      '99999999999d',

      '2026-12-31',
      '9999-99-99',
      '-1',
      '1e9',
      long(900),
      '漢'.repeat(900),
      '\u0001'.repeat(950),
      key,
      cluster,
    ),
  );
  const message = fc
    .tuple(fc.constantFrom('', ...commands.map(({ name }) => name)), fc.array(word, { maxLength: 8 }))
    .map(([name, words]) => [name, ...words].join(' '));

  test('is answered with a card, and makes nothing of every object different', async () => {
    await fc.assert(fc.asyncProperty(message, check), { numRuns: runs(400) });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each([
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a megabyte of spaces', ' '.repeat(1_000_000)],
    ['a thousand words', 'status '.repeat(1_000)],
    ['a thousand terms', `silence ${'for 2h until 2026-12-01 because '.repeat(31)}`],
  ])('%s is answered with a card', async (_name, text) => {
    await expect(check(text)).resolves.toBeUndefined();
  });
});
