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
      return notice(`“${name.slice(0, 40)}” cannot be the name of a conversation`, [
        'A name has at most 40 letters, digits and dashes, for example: subscribe platform',
      ]);
    const outcome = await services.subscribe(address, from.name, name === '' ? undefined : name);
    const unused =
      name === '' || (await services.routeNames()).has(name)
        ? []
        : [`The routing does not name “${name}” today: this conversation gets what is meant for every conversation.`];
    return outcome === 'already'
      ? notice('This conversation already gets drift alerts', unused)
      : notice('Subscribed: drift alerts come here from now on', [
          'The present state is the baseline: you hear of what changes from now on.',
          ...unused,
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
