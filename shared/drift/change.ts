// What a comparison of two results tells, before it is an event of one scan.
import type { DriftEvent } from '../model/result.ts';

export interface Change extends Pick<
  DriftEvent,
  'kind' | 'severity' | 'title' | 'topic' | 'detail' | 'rule' | 'subject' | 'exemption'
> {
  readonly remediation?: string | undefined;
  /** What of the subject changed, where two things of it can change at once. */
  readonly aspect?: string;
}
