// Every route of the HTTP API.
import type { Route } from './route.ts';
import { cluster, clusters } from './routes/clusters.ts';
import { drift, trend } from './routes/drift.ts';
import { rules } from './routes/rules.ts';
import { scan, scans, startScan } from './routes/scans.ts';
import { health, status } from './routes/status.ts';

export const routes = [
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
] as unknown as readonly Route[];
