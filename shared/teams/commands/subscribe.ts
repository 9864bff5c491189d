// `subscribe` and `unsubscribe`: whether this conversation gets drift alerts.
import { notice } from '../cards/notice.ts';
import type { Command } from './command.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

export const subscribe: Command = {
  name: 'subscribe',
  usage: 'subscribe [NAME]',
  example: 'subscribe platform',
  help: 'Post alerts in this conversation. The routing file may refer to it by NAME.',
  group: 'act',
  async run(args, services, { address, from }) {
    const name = args.trim().toLowerCase();
    if (name !== '' && !NAME.test(name))
      return notice(`“${name.slice(0, 40)}” is no name`, [
        'Letters, digits and - , at most 40, like: subscribe platform',
      ]);
    const outcome = await services.subscribe(address, from.name, name === '' ? undefined : name);
    return outcome === 'already'
      ? notice('This conversation gets drift alerts already')
      : notice('Subscribed: drift alerts come here from now on', [
          'What is the case now is the baseline; you hear of what changes.',
        ]);
  },
};

export const unsubscribe: Command = {
  name: 'unsubscribe',
  usage: 'unsubscribe',
  example: 'unsubscribe',
  help: 'Stop posting alerts in this conversation.',
  group: 'act',
  async run(_args, services, { address }) {
    const outcome = await services.unsubscribe(address.conversationId);
    return outcome === 'unsubscribed'
      ? notice('Unsubscribed: no more drift alerts come here')
      : notice('This conversation was not subscribed');
  },
};
