// How the API shows a change: of a cluster, of a subscription, or of Bulkhead itself.
import { z } from 'zod';
import { ownKinds } from '../../alerts/alert.ts';
import { driftKinds } from '../../model/result.ts';
import { severities } from '../../model/verdict.ts';
import { exemption, moment } from './fleet.ts';

export const driftEvent = z.strictObject({
  id: z.string(),
  kind: z.enum(driftKinds),
  scanId: z.string(),
  at: moment,
  subscriptionId: z.string(),
  /** Empty for a change of the subscription itself. */
  clusterId: z.string(),
  clusterName: z.string(),
  resourceGroup: z.string(),
  tags: z.record(z.string(), z.string()),
  rule: z.string().exactOptional(),
  subject: z.string().exactOptional(),
  severity: z.enum(severities),
  title: z.string(),
  /** What fails, without how it stands now. */
  topic: z.string().exactOptional(),
  detail: z.string(),
  remediation: z.string().exactOptional(),
  /** Of a failure that ended because somebody accepted it. */
  exemption: exemption.exactOptional(),
});

export const alertEvent = z.strictObject({ ...driftEvent.shape, kind: z.enum([...driftKinds, ...ownKinds]) });
