// `ack` and `unack`: somebody takes care of an alert, or no longer does.
import type { AlertView } from '../../alerts/alert-service.ts';
import { acknowledged } from '../cards/alert-list.ts';
import { button } from '../cards/parts/elements.ts';
import { titleOf } from '../cards/parts/event.ts';
import { notice } from '../cards/notice.ts';
import type { BotServices } from '../bot-services.ts';
import type { Command } from './command.ts';
import { misunderstood, quote } from './typed.ts';

const ID = /^[a-z0-9]{4,20}$/;

/** @returns the id and what follows it; undefined when the first word is not an id */
function readId(args: string): { readonly id: string; readonly rest: string } | undefined {
  const [first = '', ...rest] = args.trim().split(/\s+/);
  const id = first.toLowerCase();
  return ID.test(id) ? { id, rest: rest.join(' ') } : undefined;
}

const noId = (args: string): readonly string[] => [
  args.trim() === ''
    ? 'The id of the alert is missing.'
    : `${quote(args.trim())} does not begin with the id of an alert.`,
];

const findAlert = async ({ alerts }: BotServices, id: string): Promise<AlertView | undefined> =>
  (await alerts.alerts()).find((alert) => alert.id === id);

const nameOf = (alert: AlertView | undefined, id: string): string => (alert ? titleOf(alert.event) : `alert ${id}`);

const noAlert = (id: string) =>
  notice(
    `There is no open alert ${quote(id)}`,
    ['It may be resolved by now. “alerts” lists those that are open, each with its id.'],
    [button('Alerts', 'alerts')],
  );

export const ack: Command = {
  name: 'ack',
  usage: 'ack ID [COMMENT]',
  example: 'ack 3fa9c1 rolling it back',
  help: 'Acknowledge an alert: you hear of it again only when it changes.',
  group: 'act',
  operators: 'acknowledge alerts',
  async run(args, services, { from }) {
    const read = readId(args);
    if (!read) return misunderstood(ack, noId(args));
    const { id, rest } = read;
    const outcome = await services.alerts.acknowledge(id, from.name, ...(rest === '' ? [] : [rest]));
    if (outcome === 'unknown') return noAlert(id);
    const alert = await findAlert(services, id);
    const name = nameOf(alert, id);
    if (outcome === 'already')
      return notice(`Already taken care of: ${name}`, alert?.ack ? [acknowledged(alert.ack)] : []);
    return notice(
      `${quote(from.name)} acknowledged: ${name}`,
      ['You hear of it again only when it changes.', ...(rest === '' ? [] : [`Comment: ${quote(rest)}`])],
      [button('Take it back', `unack ${id}`)],
    );
  },
};

export const unack: Command = {
  name: 'unack',
  usage: 'unack ID',
  example: 'unack 3fa9c1',
  help: 'Take an acknowledgement back.',
  group: 'act',
  operators: 'take acknowledgements back',
  async run(args, services, { from }) {
    const read = readId(args);
    if (!read || read.rest !== '')
      return misunderstood(unack, read ? [`${quote(read.rest)} is too much: one id is enough.`] : noId(args));
    const outcome = await services.alerts.unacknowledge(read.id, from.name);
    if (outcome === 'unknown') return noAlert(read.id);
    const name = nameOf(await findAlert(services, read.id), read.id);
    return outcome === 'done'
      ? notice(`${quote(from.name)} took the acknowledgement back: ${name}`, [
          'You hear of it again for as long as it lasts.',
        ])
      : notice(`Nobody had acknowledged: ${name}`);
  },
};
