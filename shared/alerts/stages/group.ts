// What the alerts of one card have in common, as their route asks.
import type { AlertEvent } from '../alert.ts';
import { fieldValues } from '../matchers.ts';
import type { AdvanceInput } from '../model.ts';
import type { GroupField } from '../routing.ts';
import type { Stage } from './stage.ts';

export const group: Stage = (work, input) => ({
  ...work,
  dues: work.dues.map((due) => ({ ...due, group: groupOf(due.alert.event, due.route.groupBy, input) })),
});

/** @returns what they have in common, for people to read, for instance `subscription Shop, severity high` */
const groupOf = (event: AlertEvent, fields: readonly GroupField[], input: AdvanceInput): string =>
  fields.map((field) => `${field} ${valueOf(event, field, input) || 'none'}`).join(', ');

function valueOf(event: AlertEvent, field: GroupField, { fleet }: AdvanceInput): string | undefined {
  const [value] = fieldValues(field)?.(event) ?? [];
  if (field !== 'subscription') return value;
  return fleet?.subscriptions.find(({ id }) => id === value)?.name ?? value;
}
