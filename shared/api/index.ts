// Every route of the HTTP API.
import type { Route } from './route.ts';
import { acknowledge, alerts, unacknowledge } from './routes/alerts.ts';
import { cluster } from './routes/cluster.ts';
import { clusters } from './routes/clusters.ts';
import { drift, trend } from './routes/drift.ts';
import { createExemption, endExemption, exemption, exemptions } from './routes/exemptions.ts';
import { metrics } from './routes/metrics.ts';
import { rules } from './routes/rules.ts';
import { scan, scans, startScan } from './routes/scans.ts';
import { createSilence, endSilence, silence, silences } from './routes/silences.ts';
import { health, status } from './routes/status.ts';

export const routes: readonly Route[] = [
  status,
  health,
  clusters,
  cluster,
  startScan,
  scans,
  scan,
  drift,
  trend,
  rules,
  alerts,
  acknowledge,
  unacknowledge,
  silences,
  silence,
  createSilence,
  endSilence,
  exemptions,
  exemption,
  createExemption,
  endExemption,
  metrics,
];
