// What failed before anybody could be told: listed, marked, acknowledged, silenced and exempted, and posted nowhere.
import { beforeEach, expect, test } from 'vitest';
import type { AlertView } from '../../shared/alerts/alert-service.ts';
import type { App } from '../../shared/app/app.ts';
import { readState } from '../../shared/telling/state-store.ts';
import { ask } from '../support/api.ts';
import { scannedApp } from '../support/scanned-app.ts';

let app: App;
beforeEach(async () => {
  app = await scannedApp();
});

const baseline = async (): Promise<readonly AlertView[]> => {
  const found: AlertView[] = [];
  for await (const alert of app.alerts.baseline()) found.push(alert);
  return found;
};
/** Tags are the fleet's, and not remembered. */
const remembered = async () =>
  (await readState(app.tables.Alerts)).state.alerts.map(({ event, ...alert }) => ({
    ...alert,
    event: { ...event, tags: {} },
  }));
interface Shown {
  readonly findings: readonly { readonly rule: string; readonly subject: string; readonly verdict: string }[];
}
const failing = async (): Promise<string[]> => {
  const names = ['shop', 'private'];
  const clusters = names.map(async (name) => {
    const { body } = await ask('cluster', '', { services: app.api, params: { id: name } });
    const { findings } = body as unknown as Shown;
    return findings
      .filter(({ verdict }) => verdict === 'fail')
      .map(({ rule, subject }) => `${name} ${rule} ${subject}`);
  });
  return (await Promise.all(clusters)).flat();
};
const nameOf = ({ event }: AlertView): string => `${event.clusterName} ${event.rule} ${event.subject}`;

test('alerts and baseline together are what fails, an engine that is off being one failure', async () => {
  const [told, before] = [await app.alerts.alerts(), await baseline()];
  expect(before.length).toBeGreaterThan(3);
  expect(before.every((alert) => alert.baseline && alert.status === 'firing')).toBe(true);
  const listed = [...told.filter(({ event }) => event.rule !== undefined), ...before].map(nameOf);
  expect(listed.filter((name) => /^(shop|private) /.test(name)).toSorted()).toEqual((await failing()).toSorted());
  // Its one failure, the engine, is exempt.
  expect(listed.filter((name) => name.startsWith('lab '))).toEqual([]);
  expect(new Set([...told, ...before].map(({ id }) => id)).size).toBe(told.length + before.length);
});

test('the API lists them after the alerts, each on exactly one page', async () => {
  const wanted = [...(await app.alerts.alerts()), ...(await baseline())].map(({ id }) => id);
  const found: string[] = [];
  let query = '?maxpagesize=3';
  for (let next: string | undefined = ''; next !== undefined;) {
    const { value, nextLink } = (await ask('alerts', query, { services: app.api })).body as unknown as {
      value: { id: string; baseline: boolean }[];
      nextLink?: string;
    };
    expect(value.length).toBeLessThanOrEqual(3);
    found.push(...value.map(({ id }) => id));
    next = nextLink;
    query = next ? new URL(next).search : '';
  }
  expect(found).toEqual(wanted);
  const only = (await ask('alerts', '?baseline=true&cluster=shop', { services: app.api })).body as { value: unknown[] };
  expect(only.value.length).toBe((await baseline()).filter(({ event }) => event.clusterName === 'shop').length);
  expect(only.value[0]).toMatchObject({ baseline: true, status: 'firing', event: { clusterName: 'shop' } });
});

test('one is remembered only while it is acknowledged', async () => {
  const [before, others] = [await baseline(), await remembered()];
  const { id } = before[0]!;
  expect(await app.alerts.acknowledge(id.toUpperCase(), 'Robin', 'on it')).toBe('acknowledged');
  expect(await app.alerts.acknowledge(id, 'Kim')).toBe('already');
  expect((await app.alerts.alerts()).find((alert) => alert.id === id)).toMatchObject({
    baseline: true,
    ack: { by: 'Robin', comment: 'on it' },
  });
  expect((await baseline()).map((alert) => alert.id)).not.toContain(id);
  expect(await app.alerts.unacknowledge(id, 'Kim')).toBe('done');
  expect(await remembered()).toEqual(others);
  expect((await baseline()).map((alert) => alert.id)).toEqual(before.map((alert) => alert.id));
});

test('a silence is said of them', async () => {
  const endsAt = new Date(app.api.now().getTime() + 3_600_000);
  await app.alerts.silence({ matchers: ['cluster=twin'], endsAt, comment: 'a test' }, 'Robin');
  for (const { event, suppressedBy } of await baseline())
    expect(suppressedBy.some((why) => why.startsWith('silence'))).toBe(event.clusterName === 'twin');
});
