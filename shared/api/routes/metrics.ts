// `GET /api/metrics`: for dashboards and alarms elsewhere, in the text format of Prometheus.
import { z } from 'zod';
import type { Fleet } from '../../model/fleet.ts';
import { severities } from '../../model/verdict.ts';
import type { ApiServices } from '../api-services.ts';
import { route } from '../route.ts';

export const metrics = route({
  name: 'metrics',
  method: 'GET',
  path: 'metrics',
  access: 'read',
  summary: 'Scans, verdicts and alerts in numbers, in the text format of Prometheus.',
  responses: { 200: z.string() },
  async handle(services) {
    const { contentType, content } = await expose(services);
    return { status: 200, headers: { 'cache-control': 'no-store', 'content-type': contentType }, body: content };
  },
});

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
type Family = readonly [name: string, help: string, samples: readonly Sample[]];

async function expose(services: ApiServices): Promise<{ contentType: string; content: string }> {
  // Loaded here, so that other requests do not wait for it; through its default export, the only one that a bundle keeps.
  const { Gauge, Registry } = (await import('prom-client')).default;
  const registry = new Registry();
  for (const [name, help, samples] of await families(services)) {
    const labelNames = Object.keys(samples[0]?.labels ?? {});
    const gauge = new Gauge({ name: `bulkhead_${name}`, help, labelNames, registers: [registry] });
    // What is not known gets no sample: a zero would claim to know.
    if (samples.length === 0) gauge.remove();
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
  return { contentType: registry.contentType, content: await registry.metrics() };
}

async function families(services: ApiServices): Promise<readonly Family[]> {
  const [fleet, health, alerts, silences, failed] = await Promise.all([
    services.fleet(),
    services.health(),
    services.alerts.alerts(),
    services.alerts.silences(),
    services.alerts.failedDestinations(),
  ]);
  const summary = fleet?.summary;
  const now = services.now();
  const muting = silences.filter(({ startsAt, endsAt }) => new Date(startsAt) <= now && now < new Date(endsAt));
  const alertSamples = (['pending', 'firing'] as const).flatMap((status) =>
    [false, true].map((acknowledged) => ({
      labels: { status, acknowledged: String(acknowledged) },
      value: alerts.filter((alert) => alert.status === status && (alert.ack !== undefined) === acknowledged).length,
    })),
  );
  return [
    [
      'last_scan_timestamp_seconds',
      'When the last scan closed, in seconds since 1970.',
      single(fleet && Date.parse(fleet.closedAt) / 1000),
    ],
    ['scan_overdue', '1 when scans have stopped.', single(health.status === 'overdue' ? 1 : 0)],
    ['clusters', 'Clusters by their verdict at the last close.', labelled('verdict', summary?.byVerdict)],
    ['clusters_failing', 'Failing clusters by the severity of their worst failure.', fleet ? failing(fleet) : []],
    [
      'subscriptions_unreadable',
      'Subscriptions that could not be read by the last scan.',
      single(summary?.unreadableSubscriptions),
    ],
    ['alerts', 'Alerts by status, and whether somebody acknowledged them.', alertSamples],
    ['destinations_failed', 'Conversations that subscribed and cannot be posted to.', single(failed.length)],
    ['silences_active', 'Silences that mute at present.', single(muting.length)],
  ];
}

/** A cluster that was not audited keeps its worst failure on show, and counts as unknown. */
const failing = ({ clusters }: Fleet): readonly Sample[] =>
  severities.map((severity) => ({
    labels: { severity },
    value: clusters.filter(({ verdict, worst }) => verdict === 'fail' && worst === severity).length,
  }));

const single = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ labels: {}, value }]);

const labelled = (label: string, counts: Readonly<Record<string, number>> = {}): readonly Sample[] =>
  Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
