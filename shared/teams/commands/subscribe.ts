// `subscribe` and `unsubscribe`: whether this conversation gets drift alerts. In a channel that is for operators to say; in a chat,
// for whoever is in it.
import { notice } from '../cards/notice.ts';
import { moment } from '../cards/parts/words.ts';
import type { Command } from './command.ts';
import { quote } from './typed.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

export const subscribe: Command = {
  name: 'subscribe',
  usage: 'subscribe [NAME]',
  example: 'subscribe platform',
  help: 'Post alerts in this conversation. The routing file may refer to it by NAME.',
  group: 'act',
  operators: 'subscribe a channel',
  operatorsIn: 'channel',
  async run(args, services, { address, from }) {
    const name = args.trim().toLowerCase();
    if (name !== '' && !NAME.test(name))
      return notice(`“${name.slice(0, 40)}” cannot be the name of a conversation`, [
        'A name has at most 40 letters, digits and dashes, for example: subscribe platform',
      ]);
    const outcome = await services.subscribe(address, from.name, name === '' ? undefined : name);
    if (outcome === 'full')
      return notice('This conversation was not subscribed: as many as Bulkhead posts to are subscribed', [
        'Unsubscribe a conversation that nobody reads, then subscribe this one.',
      ]);
    const unused =
      name === '' || (await services.routeNames()).has(name)
        ? []
        : [`The routing does not name “${name}” today: this conversation gets what is meant for every conversation.`];
    if (outcome === 'subscribed')
      return notice(`${quote(from.name)} subscribed this conversation: drift alerts come here from now on`, [
        'The present state is the baseline: you hear of what changes from now on.',
        ...unused,
      ]);
    const known = await services.subscription(address.conversationId);
    const since = known ? [`${quote(known.by)} subscribed it on ${moment(known.since)}.`] : [];
    return notice('This conversation already gets drift alerts', [...since, ...unused]);
  },
};

export const unsubscribe: Command = {
  name: 'unsubscribe',
  usage: 'unsubscribe',
  example: 'unsubscribe',
  help: 'Stop posting alerts in this conversation.',
  group: 'act',
  operators: 'unsubscribe a channel',
  operatorsIn: 'channel',
  async run(_args, services, { address, from }) {
    const outcome = await services.unsubscribe(address.conversationId, from.name);
    return outcome === 'unsubscribed'
      ? notice(`${quote(from.name)} unsubscribed this conversation: no more drift alerts come here`)
      : notice('This conversation was not subscribed');
  },
};
