// `history`: the latest changes of a cluster.
import { historyCard } from '../cards/history.ts';
import { pickCluster } from './clusters.ts';
import type { Command } from './command.ts';
import { splitPage } from './status.ts';
import { misunderstood } from './typed.ts';

/** This many scans with changes are looked at. */
const MOST_SCANS = 200;

export const history: Command = {
  name: 'history',
  usage: 'history CLUSTER',
  example: 'history shop-prod',
  help: 'The latest changes of a cluster, newest first.',
  group: 'look',
  async run(args, services) {
    const [wanted, page] = splitPage(args);
    if (wanted === '') return misunderstood(history, ['It does not say which cluster.']);
    const picked = await pickCluster(services, wanted, (key) => `history ${key}`);
    if ('reply' in picked) return picked.reply;
    const events = await services.drift(picked.cluster.key, MOST_SCANS);
    const older = new Set(events.map(({ scanId }) => scanId)).size === MOST_SCANS;
    return historyCard(picked.cluster, events, { older, page }, services.now());
  },
};
