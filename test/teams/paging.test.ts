// Cards with pages: whatever the sizes of the texts, everything is on exactly one page, and each page fits.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../../shared/model/finding.ts';
import type { DriftEvent, Result } from '../../shared/model/result.ts';
import { MAX_CARD_BYTES } from '../../shared/teams/cards/parts/card.ts';
import { pageOf } from '../../shared/teams/cards/parts/pages.ts';
import type { BotServices } from '../../shared/teams/bot-services.ts';
import { answer } from '../../shared/teams/commands/index.ts';
import { alertEvent, alertView } from '../support/alerts.ts';
import { busyServices, robin } from '../support/bot-services.ts';
import { readCard } from '../support/card-schema.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { runs } from '../support/runs.ts';

/** What every item carries, in a place that is not cut. */
const MARK = /№\d+/g;

/** Asks, and presses the button for more until there is none. @returns the marks on each page, each once */
async function walk(message: string, services: BotServices): Promise<readonly (readonly string[])[]> {
  const context = { address: {} as never, from: robin, zone: 'UTC' };
  const pages: string[][] = [];
  for (let next: string | undefined = message; next !== undefined;) {
    const { card } = await answer(next, services, context);
    expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThanOrEqual(MAX_CARD_BYTES);
    const { texts: read, buttons } = readCard(card);
    expect(read.join('\n')).not.toContain('did not fit');
    pages.push([...new Set(read.join('\n').match(MARK))]);
    next = Object.entries(buttons).find(([title]) => title.startsWith('More '))?.[1];
  }
  return pages;
}

const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 3_000 }),
  fc
    .tuple(fc.constantFrom('x', '界', '🧱', '"', '\n', '\u0001', 'a b\n  '), fc.nat(3_000))
    .map(([s, n]) => s.repeat(n)),
);
const texts = fc.array(fc.tuple(words, words), { maxLength: 40 });
const at = '2026-11-21T09:00:00.000Z';
const later = '2026-12-21T09:00:00.000Z';

/** The services that give as many items as there are texts, and the message that lists them. */
const lists: Readonly<Record<string, (of: readonly (readonly [string, string])[]) => Partial<BotServices>>> = {
  'status shop': (of) => ({
    clusterResult: async () =>
      ({
        findings: of.map(([message, remediation], i): Finding => ({
          rule: `№${i}`,
          subject: `policy/${message.slice(0, 600)}`,
          verdict: 'fail',
          severity: 'high',
          message,
          remediation,
        })),
      }) as unknown as Result,
  }),
  status: (of) => ({
    fleet: async () =>
      fleetOf(
        of.map(([message], i) =>
          fleetCluster(`№${i}`, { verdict: 'unknown', unreadable: { reason: 'private', message } }),
        ),
        { missing: of.map(([message]) => message) },
      ),
  }),
  alerts: (of) => ({
    alerts: {
      ...busyServices().alerts,
      alerts: async () =>
        of.map(([title, by], i) =>
          alertView({ id: `id${i}`, event: alertEvent({ title: `№${i} ${title}` }), ack: { by, at, comment: title } }),
        ),
    },
  }),
  'history shop': (of) => ({
    drift: async () => of.map(([title, detail], i) => alertEvent({ title: `№${i} ${title}`, detail }) as DriftEvent),
  }),
  silences: (of) => ({
    alerts: {
      ...busyServices().alerts,
      silences: async () =>
        of.map(([text, comment], i) => ({
          id: `id${i}`,
          matchers: [`cluster=№${i}`, text],
          startsAt: at,
          endsAt: later,
          createdBy: comment,
          comment,
        })),
    },
  }),
  exemptions: (of) => ({
    alerts: {
      ...busyServices().alerts,
      exemptions: async () =>
        of.map(([subject, reason], i) => ({
          id: `id${i}`,
          cluster: '*',
          rule: `№${i}`,
          subject,
          owner: reason,
          reason,
          expires: later,
          createdBy: 'Kim',
          createdAt: at,
        })),
    },
  }),
};

test.each(Object.entries(lists))('%s: everything is on exactly one page, in order', async (message, given) => {
  await fc.assert(
    fc.asyncProperty(texts, async (of) => {
      const pages = await walk(message, busyServices(given(of)));
      expect(pages.flat()).toEqual(of.map((_, i) => `№${i}`));
    }),
    { numRuns: runs(60) },
  );
});

test('pages hold what fits, and never too many', () => {
  const limits = fc.record({ most: fc.integer({ min: 1, max: 9 }), room: fc.integer({ min: 100, max: 400 }) });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 })), limits, (sizes, { most, room }) => {
      const of = pageOf(sizes, { most, room, sizeOf: (size) => size }, 1).of;
      const pages = Array.from(
        { length: of },
        (_, i) => pageOf(sizes, { most, room, sizeOf: (size) => size }, i + 1).items,
      );
      expect(pages.flat()).toEqual(sizes);
      for (const page of pages) {
        expect(page.length).toBeLessThanOrEqual(most);
        expect(page.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(room);
      }
    }),
    { numRuns: runs(1_000) },
  );
});

test.each([
  [0, 1],
  [99, 3],
])('a page outside the pages is the nearest one: %i', (wanted, number) => {
  const all = [1, 2, 3, 4, 5];
  expect(pageOf(all, { most: 2, room: 100, sizeOf: () => 1 }, wanted).number).toBe(number);
});
