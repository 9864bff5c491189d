// What a rule can say: verdicts, their reasons and severities.

/** `exempt` is a `fail` under a valid exemption; `unknown` always carries a reason. */
export const verdicts = ['fail', 'unknown', 'exempt', 'pass', 'notApplicable'] as const;
export type Verdict = (typeof verdicts)[number];

/** Worst first. `info` findings inform and never decide the verdict of a cluster. */
export const severities = ['high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];

/** The closed list of reasons why something could not be judged. */
export const unknownReasons = [
  'unrecognised-value',
  'byo-cni',
  'subscription-unreadable',
  'cluster-unreadable',
  'forbidden',
  'no-entra',
  'delegated',
  'private',
  'ip-restricted',
  'stopped',
  'timeout',
  'transient',
  'crd-forbidden',
  'disabled',
  'truncated',
  'too-large',
  'not-read',
  'error',
] as const;
export type UnknownReason = (typeof unknownReasons)[number];

/** What enforces network policy on a cluster; `unrecognised` is a value that this version does not know, or a CNI that ARM tells nothing about. */
export const engines = ['cilium', 'azure', 'calico', 'none', 'unrecognised'] as const;
export type Engine = (typeof engines)[number];

/** 0 is worst. For sorting findings and clusters worst first. */
export const severityRank = (severity: Severity): number => severities.indexOf(severity);
/** 0 is worst. For sorting findings and clusters worst first. */
export const verdictRank = (verdict: Verdict): number => verdicts.indexOf(verdict);
