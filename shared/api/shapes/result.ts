// How the API shows what is known of one cluster: its findings, and who reaches whom in it.
import { z } from 'zod';
import { engines, severities, unknownReasons, verdicts } from '../../model/verdict.ts';
import { exemption, moment, share, unreadable } from './fleet.ts';

const finding = z.strictObject({
  rule: z.string(),
  subject: z.string(),
  verdict: z.enum(verdicts),
  reason: z.enum(unknownReasons).exactOptional(),
  severity: z.enum(severities),
  message: z.string(),
  remediation: z.string().exactOptional(),
  exemption: exemption.exactOptional(),
});

const count = z.int().min(0);

/** A result as it was stored at a change. */
export const pastResult = z.strictObject({
  key: z.string(),
  /** The lower-cased ARM id. */
  id: z.string(),
  name: z.string(),
  engine: z.enum(engines),
  verdict: z.enum(verdicts),
  /** Worst first. */
  findings: z.array(finding),
  findingsCount: count,
  /** The scan that looked last, and when; in a history, the scan that made the change. */
  scan: z.string(),
  checkedAt: moment,
  /** When its managed namespaces were read that are judged here, where Azure could not be asked about them in that scan. */
  managedNamespacesAt: moment.exactOptional(),
  /** The scan that changed it last, and since when the verdict is what it is. */
  changedScan: z.string(),
  since: moment,
  midOperation: z.boolean(),
  exposure: share.exactOptional(),
  unreadable: unreadable.exactOptional(),
  gone: z.boolean().exactOptional(),
});

/** What is known now: its findings are a page. */
export const knownResult = pastResult.extend({
  tags: z.record(z.string(), z.string()),
  nextLink: z.url().exactOptional(),
});

const reached = z.strictObject({
  /** The first of them. */
  namespaces: z.array(z.string()),
  namespacesCount: count,
  internet: z.boolean(),
  /** On which ports the pods there are met, and the internet. */
  on: z.strictObject({ pods: z.string(), internet: z.string() }).exactOptional(),
});

export const reach = z.strictObject({
  key: z.string(),
  name: z.string(),
  scan: z.string(),
  exposure: share.exactOptional(),
  /** Of the most exposed namespaces. */
  namespaceExposure: z.record(z.string(), share).exactOptional(),
  namespaceCount: count,
  /** A page. */
  workloads: z.array(z.strictObject({ workload: z.string(), from: reached, to: reached })),
  workloadsCount: count,
  nextLink: z.url().exactOptional(),
});
