// Commands that end, by its id, something that a person made: a silence or an exemption.
import type { AlertService } from '../../alerts/alert-service.ts';
import { button } from '../cards/parts/elements.ts';
import { notice } from '../cards/notice.ts';
import { moment } from '../cards/parts/words.ts';
import type { Command } from './command.ts';
import { misunderstood, quote } from './typed.ts';

export interface Ending {
  readonly name: string;
  readonly help: string;
  /** What it ends, for instance `silence`. */
  readonly noun: string;
  /** The command that lists them all. */
  readonly list: string;
  /** One sentence about what follows from that. */
  readonly afterwards: string;
  /** @returns when the one of that id ended, and by whom, when it is known; undefined for one that lasts, or that was never there */
  readonly ended: (
    alerts: AlertService,
    id: string,
    now: Date,
  ) => Promise<{ readonly at: string; readonly by: string | undefined } | undefined>;
  readonly end: (alerts: AlertService, id: string, by: string) => Promise<'ended' | 'unknown'>;
}

export function endingCommand({ name, help, noun, list, afterwards, ended, end }: Ending): Command {
  const command: Command = {
    name,
    usage: `${name} ID`,
    example: `${name} 3fa9c1`,
    help,
    group: 'act',
    operators: `end ${list}`,
    async run(args, services, { from }) {
      const { alerts } = services;
      const id = args.trim().toLowerCase();
      if (id === '') return misunderstood(command, [`The id of the ${noun} is missing.`]);
      if (/\s/.test(id)) return misunderstood(command, [`${quote(id)} is more than one id.`]);
      const others = [button(`The ${list}`, list)];
      const before = await ended(alerts, id, services.now());
      if (before) {
        const by = before.by === undefined ? '' : `, by ${quote(before.by)}`;
        return notice(`The ${noun} ${quote(id)} has already ended: on ${moment(before.at)}${by}`, [], others);
      }
      return (await end(alerts, id, from.name)) === 'ended'
        ? notice(`${quote(from.name)} ended ${noun} ${quote(id)}`, [afterwards])
        : notice(`There is no ${noun} ${quote(id)} in force`, [], others);
    },
  };
  return command;
}
