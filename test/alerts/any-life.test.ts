// Whatever happens in whatever order: what cards say is what is the case, and nothing that lasts stays untold. Each run has a seed of
// its own; one that fails prints it, and `fc.assert(..., { seed })` runs it again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shown } from '../../shared/alerts/alert.ts';
import { shownAs } from '../../shared/alerts/alert.ts';
import type { Silence } from '../../shared/alerts/alert-service.ts';
import { play, routingOf } from '../support/alert-play.ts';
import { runs } from '../support/runs.ts';

/** What no card says of an alert that was told again on another. */
const isOpenStill = (said: Shown): boolean => !['repeated', 'resolved', 'happened'].includes(said);

const clusters = ['a', 'b', 'c'];
const routing = fc
  .record({
    fireAfter: fc.integer({ min: 1, max: 3 }),
    resolveAfter: fc.integer({ min: 1, max: 3 }),
    quiet: fc.boolean(),
  })
  .map(({ fireAfter, resolveAfter, quiet }) => ({
    fireAfter,
    text: [
      `fireAfter: ${fireAfter}`,
      `resolveAfter: ${resolveAfter}`,
      `times: { nights: { from: '22:00', to: '07:00', timezone: Europe/Berlin } }`,
      `route: { to: '*', groupBy: [cluster], quiet: ${quiet ? '[nights]' : '[]'} }`,
    ].join('\n'),
  }));
type Step =
  | { readonly do: 'scan'; readonly failing: readonly string[]; readonly blind: readonly string[] }
  | { readonly do: 'later'; readonly minutes: number }
  | { readonly do: 'tend' }
  | { readonly do: 'ack' }
  /** Teams refuses the conversation, or takes it back. */
  | { readonly do: 'refuse' }
  | { readonly do: 'silence'; readonly cluster: string; readonly hours: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('scan' as const),
      failing: fc.subarray(clusters),
      blind: fc.subarray(clusters, { maxLength: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('later' as const), minutes: fc.constantFrom(30, 300, 1_500) }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'tend' }, { do: 'ack' }, { do: 'refuse' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('silence' as const),
      cluster: fc.constantFrom(...clusters),
      hours: fc.integer({ min: 1, max: 30 }),
    }),
  },
);

test('any course of scans, silences, nights, acknowledgements and refusals of Teams', () => {
  fc.assert(
    fc.property(routing, fc.array(step, { maxLength: 40 }), ({ text, fireAfter }, steps) => {
      const p = play({ routing: routingOf(text) });
      /** What drift has said of each cluster: it tells turns, and nothing while it is blind. */
      const failing = new Set<string>();
      const scan = (now: readonly string[], blind: readonly string[]): void => {
        const seeing = clusters.filter((name) => !blind.includes(name));
        const events = seeing.flatMap((name) => {
          if (now.includes(name) === failing.has(name)) return [];
          return [p.event(now.includes(name) ? 'new-failure' : 'resolved', name)];
        });
        for (const name of seeing)
          if (now.includes(name)) failing.add(name);
          else failing.delete(name);
        p.scan(
          events,
          Object.fromEntries(
            seeing.map((name) => [name, now.includes(name) ? ('fails' as const) : ('passes' as const)]),
          ),
        );
      };
      const check = (): void => {
        // Nothing can be said to whom nothing can be posted: it is made good afterwards.
        if (p.failed.length > 0) return;
        for (const alert of p.state.alerts)
          for (const { card, as } of Object.values(alert.told)) {
            expect(as).toBe(shownAs(alert));
            expect(
              alert.flapping
                ? ['flapping', 'silenced']
                : alert.status === 'firing'
                  ? ['firing', 'acknowledged', 'silenced']
                  : ['resolved'],
            ).toContain(as);
            expect(p.shown.get(card)?.get(alert.id)).toBe(as);
            const others = [...p.shown].filter(([other]) => other !== card).map(([, said]) => said.get(alert.id));
            expect(others.filter((said) => said !== undefined && isOpenStill(said))).toEqual([]);
          }
      };
      for (const one of steps) {
        if (one.do === 'scan') scan(one.failing, one.blind);
        else if (one.do === 'later') p.later(one.minutes);
        else if (one.do === 'tend') p.tend();
        else if (one.do === 'refuse') {
          p.later(1);
          p.failed = p.failed.length > 0 ? [] : [{ key: 'T', why: 'Teams answered 403' }];
          p.tend();
        } else if (one.do === 'ack') {
          p.ack('Robin');
          p.tend();
        } else {
          const endsAt = new Date(p.now.getTime() + one.hours * 3_600_000).toISOString();
          const silence: Silence = {
            id: one.cluster,
            matchers: [`cluster=${one.cluster}`],
            startsAt: p.now.toISOString(),
            endsAt,
            createdBy: 'Robin',
            comment: 'a test',
          };
          p.silences = [...p.silences.filter(({ id }) => id !== silence.id), silence];
        }
        check();
      }
      // Silences run out, the flapping calms down, everything is seen often enough, and it is noon.
      const standing = [...failing];
      p.failed = [];
      for (let again = 0; again < fireAfter + 3; again++) {
        p.later(26 * 60);
        p.now = new Date(`${p.now.toISOString().slice(0, 10)}T12:00:00Z`);
        scan(standing, []);
        p.tend();
        check();
      }
      const firing = p.state.alerts.filter(({ type, status }) => type === 'state' && status === 'firing');
      expect(firing.map(({ event }) => event.clusterName).toSorted()).toEqual(standing.toSorted());
      for (const { told, owed, silence } of firing)
        expect([Object.keys(told), owed, silence]).toEqual([['T'], [], undefined]);
    }),
    { numRuns: runs(1_000) },
  );
});
