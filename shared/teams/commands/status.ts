// `status`: the fleet, or one cluster.
import { failedSentence } from '../../alerts/target.ts';
import { warned } from '../cards/parts/card.ts';
import { clusterCard } from '../cards/cluster.ts';
import { fleetCard } from '../cards/fleet.ts';
import { notice } from '../cards/notice.ts';
import { pickCluster } from './clusters.ts';
import type { Command } from './command.ts';

export const status: Command = {
  name: 'status',
  usage: 'status [CLUSTER]',
  example: 'status shop-prod',
  help: 'The fleet at a glance, or one cluster with what fails and how to mend it.',
  group: 'look',
  async run(args, services) {
    const [wanted, page] = splitPage(args);
    if (wanted === '') {
      const fleet = await services.fleet();
      const failed = failedSentence(await services.alerts.failedDestinations());
      if (fleet) return warned(fleetCard(fleet, services.now(), page), failed);
    }
    const picked = await pickCluster(services, wanted, (key) => `status ${key}`);
    if ('reply' in picked) return picked.reply;
    const { cluster } = picked;
    const result = await services.clusterResult(cluster.key);
    if (!result) return notice(`${cluster.name}: no result is stored yet`, ['The next scan will have one.']);
    return clusterCard(cluster, result, services.rules, services.now(), page);
  },
};

/** A number after a name is a page. @returns the name, empty when only a page or nothing was typed, and the page, counted from 1 */
export function splitPage(args: string): readonly [string, number] {
  const match = /^(.*?)\s+(\d{1,5})$/.exec(` ${args.trim()}`);
  return match ? [match[1]!.trim(), Number(match[2])] : [args.trim(), 1];
}
