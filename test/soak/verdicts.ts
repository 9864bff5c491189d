// What must hold when a soak is over: nothing that happened is lost, and everything that is shown is so.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '../../shared/alerts/alert.ts';
import { shownAs } from '../../shared/alerts/alert.ts';
import { CARD, NOTIFICATION, POSTED, alertRows, cardRow } from '../../shared/telling/alert-rows.ts';
import { readCard, readPosted } from '../../shared/telling/card-store.ts';
import { readState } from '../../shared/telling/state-store.ts';
import type { App } from '../../shared/app/app.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { parseManagedNamespaces } from '../../shared/estate/parse-namespaces.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { clusterKey } from '../../shared/model/keys.ts';
import type { DriftKind, Result } from '../../shared/model/result.ts';
import type { Scan } from '../../shared/model/scan.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { readLatest } from '../../shared/store/results.ts';
import { alertCard } from '../../shared/teams/cards/alert.ts';
import { textsOf } from '../simulation/teams.ts';
import type { Posted } from '../support/connector.ts';
import { lastWords } from './changes.ts';
import type { Changes } from './changes.ts';
import { rowsOf } from '../../shared/store/rows.ts';

/** @returns what is wrong with the scans: each closed once, with the one snapshot that its row tells of */
export async function scansLost({ tables }: App, scans: readonly Scan[]): Promise<readonly string[]> {
  const lost: string[] = [];
  const closes = new Map<string, number>();
  for await (const row of rowsOf(tables.Fleet, { partition: 'fleet' })) {
    const { scanId } = JSON.parse(row['head'] as string) as { scanId: string };
    closes.set(scanId, (closes.get(scanId) ?? 0) + 1);
  }
  for (const { id, at, state, dispatched, closedAt } of scans) {
    if (state !== 'closed' || !dispatched) lost.push(`scan ${id} is ${state}${dispatched ? '' : ', not dispatched'}`);
    if (closes.get(id) !== 1) lost.push(`scan ${id} has ${closes.get(id) ?? 0} snapshots`);
    const fleet = await readFleet(tables.Fleet, new Date(at));
    if (fleet?.scanId === id && fleet.closedAt !== closedAt) lost.push(`scan ${id} was closed twice`);
  }
  for await (const { partitionKey, rowKey } of rowsOf(tables.Work, {}))
    lost.push(`work was left behind: ${partitionKey} ${rowKey}`);
  return lost;
}

/** @returns clusters of the estate's files that the last scan missed or judged otherwise than their files say */
export async function clustersLost(app: App, dir: string, last: Scan): Promise<readonly string[]> {
  const lost: string[] = [];
  const fleet = await readFleet(app.tables.Fleet, new Date(last.at));
  const lines = new Map(fleet?.clusters.map((line) => [line.id, line.verdict]));
  for (const { cluster, readable } of clustersIn(dir)) {
    const stored = await readLatest(app.tables.Results, clusterKey(cluster.id));
    // One that came, or came back, after its subscription became unreadable is not known.
    if ((!stored || stored.result.gone) && !readable) continue;
    if (stored?.scanId !== last.id) {
      lost.push(`${cluster.name} was last looked at by ${stored?.scanId ?? 'no scan'}`);
      continue;
    }
    const { result } = stored;
    if (lines.get(cluster.id) !== result.verdict)
      lost.push(`${cluster.name} is ${result.verdict}, the fleet shows ${lines.get(cluster.id) ?? 'nothing'}`);
    if (!readable && result.unreadable?.reason === 'subscription-unreadable') continue;
    lost.push(...differences(await auditFile(app, cluster), result));
  }
  return lost;
}

function* clustersIn(dir: string): Generator<{ cluster: Cluster; readable: boolean }> {
  const list = JSON.parse(readFileSync(join(dir, 'subscriptions.json'), 'utf8')) as {
    simulator: { folder: string; unreadable?: boolean };
  }[];
  for (const { simulator } of list)
    for (const file of readdirSync(join(dir, simulator.folder)).filter((name) => name.endsWith('.json'))) {
      const body: unknown = JSON.parse(readFileSync(join(dir, simulator.folder, file), 'utf8'));
      const parsed = parseCluster(body);
      if ('problem' in parsed) throw new Error(parsed.problem);
      const { simulator: hints } = body as { simulator?: { managedNamespaces?: unknown } };
      const managedNamespaces = parseManagedNamespaces(hints?.managedNamespaces ?? []) ?? [];
      yield { cluster: { ...parsed.cluster, managedNamespaces }, readable: simulator.unreadable !== true };
    }
}

async function auditFile({ scan, config }: App, cluster: Cluster): Promise<Result> {
  const inCluster = await scan.reader!.read(cluster, { scanId: 'soak' }, AbortSignal.timeout(60_000));
  const { excludedNamespaces } = config;
  return auditCluster({ cluster, inCluster, now: scan.clock.now(), excludedNamespaces });
}

function differences(expected: Result, found: Result): string[] {
  const { name } = expected;
  if (found.gone) return [`${name} is stored as gone`];
  const stored = new Map(found.findings.map((one) => [`${one.rule} on ${one.subject}`, one.verdict]));
  const wrong = expected.findings.flatMap(({ rule, subject, verdict }) => {
    const what = `${rule} on ${subject}`;
    return stored.get(what) === verdict ? [] : [`${what} is ${stored.get(what) ?? 'absent'}, its file says ${verdict}`];
  });
  if (expected.verdict !== found.verdict) wrong.push(`it is ${found.verdict}, its file says ${expected.verdict}`);
  if (expected.engine !== found.engine) wrong.push(`its engine is ${found.engine}, its file says ${expected.engine}`);
  return wrong.map((what) => `${name}: ${what}`);
}

/** What stands in a conversation: the newest texts of every card, by activity. */
export function shownIn(posted: readonly Posted[], conversationId: string): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, readonly string[]>();
  for (const [index, { method, path, activity }] of posted.entries()) {
    const [, , conversation, , activityId] = path.split('/').filter(Boolean).map(decodeURIComponent);
    if (conversation !== conversationId) continue;
    shown.set(method === 'PUT' ? activityId! : `activity-${index + 1}`, textsOf(activity.attachments?.[0]?.content));
  }
  return shown;
}

/** Told once each, whatever else is known of the cluster; only a subscription that cannot be read mutes them. */
const TOLD_ONCE: readonly DriftKind[] = ['cluster-appeared', 'cluster-gone', 'engine-changed', 'plugin-changed'];

/** @returns changes that stand on no posted card */
export async function untold({ tables: { Alerts } }: App, { events }: Changes): Promise<readonly string[]> {
  const told = new Set<string>();
  for await (const row of alertRows(Alerts, CARD)) {
    const { card } = cardRow.read(row);
    if (card.kind !== 'digest' && (await readPosted(Alerts, card.id)))
      for (const { event } of card.items) told.add(event.id);
  }
  const blind = new Set(events.filter(({ kind }) => kind === 'subscription-lost').map((one) => one.subscriptionId));
  return events
    .filter(({ id, kind, subscriptionId }) => TOLD_ONCE.includes(kind) && !blind.has(subscriptionId) && !told.has(id))
    .map(({ title, scanId }) => `"${title}" of ${scanId} is on no card`);
}

/** @returns changes that lasted and are not what the alerts say, alerts that no card shows as they are, and cards never sent */
export async function alertsLost(
  app: App,
  { events }: Changes,
  destination: string,
  shown: ReadonlyMap<string, readonly string[]>,
): Promise<readonly string[]> {
  const { Alerts } = app.tables;
  const lost: string[] = [];
  const { state } = await readState(Alerts);
  const alerts = new Map(state.alerts.map((alert) => [alert.id, alert]));
  const muted = new Set((await app.alerts.alerts()).filter((one) => one.suppressedBy.length > 0).map(({ id }) => id));
  for (const [id, { event, fails }] of lastWords(events)) {
    if (fails !== (alerts.get(id)?.status === 'firing'))
      lost.push(`"${event.title}" was the last word, its alert is ${alerts.get(id)?.status ?? 'absent'}`);
  }
  for (const alert of state.alerts) {
    if (alert.type === 'change' ? alert.owed.length === 0 : alert.status === 'pending') continue;
    const told = alert.told[destination];
    const waits = alert.status === 'firing' && !muted.has(alert.id);
    const why = told ? await otherwise(app, alert, told.card, shown) : waits ? 'was never told' : undefined;
    if (why) lost.push(`"${alert.event.title}" (${shownAs(alert)}) ${why}`);
  }
  for await (const { rowKey } of alertRows(Alerts, NOTIFICATION))
    lost.push(`notification ${rowKey} was never delivered`);
  return lost;
}

/** @returns how the card in the conversation is not what the alert is now; undefined when it is */
async function otherwise(
  { tables: { Alerts }, scan: { clock } }: App,
  alert: Alert,
  card: string,
  shown: ReadonlyMap<string, readonly string[]>,
): Promise<string | undefined> {
  const stored = await readCard(Alerts, card);
  const posted = await readPosted(Alerts, card);
  if (!stored || !posted) return 'is on a card that was never posted';
  const item =
    stored.card.kind === 'digest' ? undefined : stored.card.items.find(({ alertId }) => alertId === alert.id);
  if (item?.shown !== shownAs(alert)) return `is on its card as ${item?.shown ?? 'nothing'}`;
  const texts = shown.get(posted.activityId);
  if (!texts) return 'is on a card that is not in the conversation';
  // The headline tells an age; everything below it stands still.
  const [, ...lines] = textsOf(alertCard(stored.card, clock.now()).card);
  const missing = lines.find((line) => !texts.includes(line));
  return missing === undefined ? undefined : `is shown otherwise: the conversation lacks "${missing}"`;
}

/** @returns posted cards that nobody updates any more: each was sent by a process that died before it wrote down where */
export async function duplicatesOf({ tables: { Alerts } }: App, shown: ReadonlyMap<string, unknown>): Promise<number> {
  let known = 0;
  for await (const _posted of alertRows(Alerts, POSTED)) known++;
  return shown.size - known;
}
