// What a comparison of two results tells, before it is an event of one scan.
import { clusterSubject } from '../model/finding.ts';
import type { DriftEvent, Result } from '../model/result.ts';

export interface Change extends Pick<
  DriftEvent,
  'kind' | 'severity' | 'title' | 'detail' | 'rule' | 'subject' | 'exemption'
> {
  readonly remediation?: string | undefined;
  /** What of the subject changed, where two things of it can change at once. */
  readonly aspect?: string;
}

/** @returns where a subject is, for people to read, for instance `web/shop in shop-prod`; for the cluster itself its name */
export const placeOf = (subject: string, { name }: Pick<Result, 'name'>): string =>
  subject === clusterSubject ? name : `${subject.slice(subject.indexOf('/') + 1)} in ${name}`;
