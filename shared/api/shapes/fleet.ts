// How the API shows the fleet: its counts, the line of a cluster, a subscription.
import { z } from 'zod';
import { engines, severities, unknownReasons, verdicts } from '../../model/verdict.ts';

export const moment = z.iso.datetime();
export const share = z.number().min(0).max(1);
export const scanOutcome = z.enum(['complete', 'partial']);
/** Who accepted a failure, until when and why. */
export const exemption = z.strictObject({ owner: z.string(), reason: z.string(), expires: moment, source: z.string() });
export const unreadable = z.strictObject({ reason: z.enum(unknownReasons), message: z.string() });

const count = z.int().min(0);
const countsBy = <const K extends readonly string[]>(keys: K) => z.record(z.enum(keys), count);

export const fleetSummary = z.strictObject({
  clusters: count,
  byVerdict: countsBy(verdicts),
  byEngine: countsBy(engines),
  failuresBySeverity: countsBy(severities),
  subscriptions: count,
  unreadableSubscriptions: count,
});

export const clusterItem = z.strictObject({
  /** The cluster's key, which stands in the addresses of the API. */
  id: z.string(),
  /** The lower-cased ARM id. */
  resourceId: z.string(),
  name: z.string(),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()),
  /** How many tags more it has: of long ones, the fleet keeps the shortest. `GET /api/clusters/{id}` has all. */
  tagsLeftOut: count.exactOptional(),
  engine: z.enum(engines),
  plugin: z.string(),
  kubernetesVersion: z.string(),
  verdict: z.enum(verdicts),
  since: moment,
  worst: z.enum(severities).exactOptional(),
  failing: z.array(z.string()),
  unknownReasons: z.array(z.enum(unknownReasons)),
  unreadable: unreadable.exactOptional(),
  midOperation: z.boolean(),
  exposure: share.exactOptional(),
  /** The scan that last looked at it, if the newest did not. */
  lastScanId: z.string().exactOptional(),
  /** How many findings have each verdict. */
  findings: countsBy(verdicts),
});

export const fleetSubscription = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** The tenant that it belongs to, where it is another one that has delegated it (Azure Lighthouse). */
  homeTenant: z.string().exactOptional(),
  readable: z.boolean(),
  reason: z.enum(unknownReasons).exactOptional(),
  message: z.string().exactOptional(),
  since: moment,
});
