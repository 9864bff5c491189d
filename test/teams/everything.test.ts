// What leaves nothing out is asked for twice, and a button says it the second time.
import { expect, test, vi } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import { unconfirmed } from '../../shared/alerts/everything.ts';
import { busyServices, say } from '../support/bot-services.ts';

test.each([
  ['silence', 'silence cluster=* for 2h because we move', 'silence confirm cluster=* for 2h because we move'],
  ['exemption', 'exempt * * until 2026-12-31 because a lab', 'exempt confirm * * until 2026-12-31 because a lab'],
] as const)('%s', async (what, typed, confirmed) => {
  const silence = vi.fn<AlertService['silence']>(async () => unconfirmed(what));
  const exempt = vi.fn<AlertService['exempt']>(async () => unconfirmed(what));
  const services = busyServices({}, { silence, exempt });
  const { texts, buttons } = await say(typed, services);
  expect(texts[0]).toBe('Nothing was changed yet: do you mean everything?');
  expect(buttons).toEqual({ 'Yes, everything': confirmed });
  const asked = what === 'silence' ? silence : exempt;
  expect(asked.mock.calls[0]![0]).not.toHaveProperty('confirm');
  await say(confirmed, services);
  expect(asked.mock.calls[1]).toEqual([{ ...asked.mock.calls[0]![0], confirm: true }, 'Robin', undefined]);
});

test('a cluster that is called confirm is meant by its name', async () => {
  const exempt = vi.fn<AlertService['exempt']>(async () => ({ problems: ['no'] }));
  await say('exempt confirm* no-allow-all until 2026-12-31 because a lab', busyServices({}, { exempt }));
  expect(exempt.mock.calls[0]![0]).toMatchObject({ cluster: 'confirm*', rule: 'no-allow-all' });
});
