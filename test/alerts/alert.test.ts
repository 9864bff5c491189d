// What a card says of an alert that is several things at once.
import { expect, test } from 'vitest';
import type { Alert, Shown } from '../../shared/alerts/alert.ts';
import { shownAs } from '../../shared/alerts/alert.ts';
import { alertView } from '../support/alerts.ts';

const silence = { id: '3fa9c1', by: 'Robin', until: '2026-11-22T10:00:00.000Z' };
const ack = { by: 'Robin', at: '2026-11-21T08:00:00.000Z' };

test.each<[Shown, Partial<Alert>]>([
  ['firing', {}],
  ['acknowledged', { ack }],
  ['silenced', { silence }],
  ['silenced', { silence, ack, flapping: true }],
  ['silenced', { silence, flapping: true, status: 'resolved' }],
  ['resolved', { silence, status: 'resolved' }],
  ['happened', { silence, type: 'change' }],
  ['flapping', { flapping: true }],
  ['flapping', { flapping: true, ack }],
  ['flapping', { flapping: true, status: 'resolved' }],
  ['resolved', { status: 'resolved' }],
  ['resolved', { status: 'pending' }],
  ['happened', { type: 'change' }],
  ['happened', { type: 'change', ack, flapping: true }],
])('%s: %o', (shown, more) => {
  expect(shownAs(alertView(more))).toBe(shown);
});
