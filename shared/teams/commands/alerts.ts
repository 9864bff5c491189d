// `alerts`: what is pending or firing in the fleet, or on one cluster.
import type { AlertView } from '../../alerts/alert-service.ts';
import type { FleetCluster } from '../../model/fleet.ts';
import type { CardMessage } from '../../ports.ts';
import { alertListCard } from '../cards/alert-list.ts';
import { warned } from '../cards/parts/card.ts';
import type { BotServices } from '../bot-services.ts';
import { findClusters, pickCluster } from './clusters.ts';
import type { Command } from './command.ts';
import { splitPage } from './status.ts';

/** This many problems of the routing are named in one warning. */
const SHOWN = 3;

export const alerts: Command = {
  name: 'alerts',
  usage: 'alerts [CLUSTER]',
  example: 'alerts shop-prod',
  help: 'Open alerts, worst first: for how long, who takes care of them, and why any is muted; then the baseline, what failed before anybody could be told.',
  group: 'look',
  async run(args, services) {
    return warned(await list(args, services), routingWarning(await services.alerts.routingProblems()));
  },
};

async function list(args: string, services: BotServices): Promise<CardMessage> {
  const [wanted, page] = splitPage(args);
  const all = await services.alerts.alerts();
  const now = services.now();
  if (wanted === '') {
    const { found, more } = await baselineOf(services);
    return alertListCard([...all, ...found], { about: '', command: 'alerts', page, more }, now);
  }
  const fleet = await services.fleet();
  const meant = findClusters(fleet?.clusters ?? [], wanted);
  const ids = new Set(meant.map(({ id }) => id));
  const baseline = await baselineOf(services, ({ id }) => ids.has(id));
  const found = [...alertsOf(all, ids, wanted), ...baseline.found];
  if (meant.length === 0 && found.length === 0) {
    const picked = await pickCluster(services, wanted, (key) => `alerts ${key}`);
    if ('reply' in picked) return picked.reply;
  }
  const about = ` on ${meant.length > 1 ? `${meant.length} clusters` : (meant[0]?.name ?? wanted.slice(0, 80))}`;
  return alertListCard(found, { about, command: `alerts ${wanted}`, page, more: baseline.more }, now);
}

/** A list in chat goes no further than this into the baseline, and says so; the HTTP API pages through all of it. */
const MOST_BASELINE = 200;

async function baselineOf(
  { alerts: asked }: BotServices,
  isMeant?: (cluster: FleetCluster) => boolean,
): Promise<{ readonly found: readonly AlertView[]; readonly more: boolean }> {
  const found: AlertView[] = [];
  for await (const alert of asked.baseline(isMeant))
    if (found.length === MOST_BASELINE) return { found, more: true };
    else found.push(alert);
  return { found, more: false };
}

/** Otherwise nobody would notice that alerts go elsewhere than a wrong route meant. */
function routingWarning(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined;
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : '';
  return `The routing has mistakes; the rest of it applies: ${problems.slice(0, SHOWN).join('; ')}${more}`;
}

/** A cluster that is gone is no longer in the fleet, but may still have alerts under its name. */
const alertsOf = (all: readonly AlertView[], ids: ReadonlySet<string>, name: string): readonly AlertView[] =>
  all.filter(({ event }) =>
    ids.size > 0 ? ids.has(event.clusterId) : event.clusterName.toLowerCase() === name.toLowerCase(),
  );
