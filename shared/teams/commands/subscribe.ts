// `subscribe` and `unsubscribe`: whether this conversation gets drift alerts.
import { notice } from '../cards/notice.ts';
import type { Command } from './command.ts';

export const subscribe: Command = {
  name: 'subscribe',
  usage: 'subscribe',
  help: 'Post drift alerts into this conversation.',
  async run(_args, services, { address, from }) {
    const outcome = await services.subscribe(address, from.name);
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
  help: 'Stop posting drift alerts into this conversation.',
  async run(_args, services, { address }) {
    const outcome = await services.unsubscribe(address.conversationId);
    return outcome === 'unsubscribed'
      ? notice('Unsubscribed: no more drift alerts come here')
      : notice('This conversation was not subscribed');
  },
};
