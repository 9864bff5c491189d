// At rest, what fails is what the alerts say, what the alerts say is on a card, and the card stands in Teams.
import type { Alert } from '../../../shared/alerts/alert.ts';
import { alertId } from '../../../shared/alerts/lifecycle.ts';
import { NOTIFICATION, alertRows, toWaiting } from '../../../shared/telling/alert-rows.ts';
import { readCard, readPosted } from '../../../shared/telling/card-store.ts';
import { readState } from '../../../shared/telling/state-store.ts';
import type { DriftEvent } from '../../../shared/model/result.ts';
import { readFleet } from '../../../shared/store/fleet-snapshots.ts';
import { alertCard } from '../../../shared/teams/cards/alert.ts';
import { textsOf } from '../teams.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { Invariant, Observed } from './invariant.ts';
import { isInCluster } from './known.ts';
import { rowsOf } from '../../../shared/store/rows.ts';

export interface AtRestInvariant extends Invariant {
  happened(event: DriftEvent): void;
}

/** The last thing that happened to something that fails or not. */
interface Last {
  readonly event: DriftEvent;
  readonly at: number;
}

const FAILS = new Set<DriftEvent['kind']>(['new-failure', 'exemption-expired']);
/** Somebody wakes up every five minutes, and sending takes a while. */
const WAKE_MS = 10 * 60_000;
const RULE = new Set<DriftEvent['kind']>([...FAILS, 'resolved']);

export function alertsAreTrue({ clock, tables, broken }: Observed, destinations: Destinations): AtRestInvariant {
  const last = new Map<string, Last>();

  async function checkCard(alert: Alert, { key, conversationId, goneEver, posts }: Destination): Promise<void> {
    const told = alert.told[key];
    if (!told) return broken(`${conversationId} has no card of "${alert.event.title}", which still fails`);
    const stored = await readCard(tables.Alerts, told.card);
    const posted = await readPosted(tables.Alerts, told.card);
    if (!stored || !posted) return broken(`the card of "${alert.event.title}" for ${conversationId} was never posted`);
    // A conversation that was deleted for a while lost its cards.
    if (goneEver !== undefined) return;
    const shown = posts.findLast(({ activityId }) => activityId === posted.activityId);
    // The headline of a card that tells again says for how long it has been so.
    const lines = textsOf(alertCard(stored.card, clock.now()).card).filter((line) => !line.startsWith('Still '));
    if (!shown || lines.some((line) => !shown.texts.includes(line)))
      broken(`${conversationId} shows "${alert.event.title}" otherwise than it stands`);
  }

  return {
    happened(event) {
      const at = clock.now().getTime();
      if (event.kind === 'cluster-gone') {
        for (const [id, { event: known }] of last) if (known.clusterId === event.clusterId) last.delete(id);
      } else if (RULE.has(event.kind)) last.set(alertId(event), { event, at });
    },
    async settled() {
      const alerts = new Map((await readState(tables.Alerts)).state.alerts.map((alert) => [alert.id, alert]));
      const fleet = await readFleet(tables.Fleet);
      const bare = new Set(fleet?.clusters.filter(({ engine }) => engine === 'none').map(({ id }) => id));
      const seen = new Set(
        fleet?.clusters
          .filter(({ subscriptionId, unreadable }) => !unreadable && isReadable(subscriptionId))
          .map(({ id }) => id),
      );
      function isReadable(id: string): boolean {
        return fleet!.subscriptions.some((subscription) => subscription.id === id && subscription.readable);
      }
      const silences = new Set<string>();
      for await (const row of rowsOf(tables.Alerts, { partition: 'silence' }))
        // What a silence held back is told by the next wake-up after its end.
        if (Date.parse(row['endsAt'] as string) > clock.now().getTime() - WAKE_MS) silences.add(row.rowKey);
      for (const [id, { event, at }] of last) {
        const alert = alerts.get(id);
        const firing = alert?.status === 'firing';
        if (firing !== FAILS.has(event.kind)) {
          broken(`"${event.title}" of ${event.scanId} was the last word, its alert is ${alert?.status ?? 'absent'}`);
          continue;
        }
        // Without an engine nothing inside is told.
        if (bare.has(event.clusterId) && isInCluster(event.rule ?? '')) continue;
        // What is muted, or turns too often, waits.
        if (!alert || !firing || alert.flapping || silences.size > 0 || !seen.has(event.clusterId)) continue;
        for (const destination of destinations.all())
          if (destination.healthySince !== undefined && destination.healthySince <= at)
            await checkCard(alert, destination);
      }
      const healthy = new Set(
        destinations
          .all()
          .filter((d) => d.healthySince !== undefined)
          .map(({ key }) => key),
      );
      for await (const row of alertRows(tables.Alerts, NOTIFICATION))
        if (healthy.has(toWaiting(row).destination)) broken(`notification ${row.rowKey} was never delivered`);
    },
  };
}
