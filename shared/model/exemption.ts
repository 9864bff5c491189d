// Exemptions: failures that somebody has accepted, with owner, reason and end.

/** On a namespace or a policy: an exemption for what is in it. */
export const EXEMPT_ANNOTATION = 'bulkhead.io/exempt';

/** What stands with a finding that is exempt. */
export interface Exemption {
  readonly owner: string;
  readonly reason: string;
  /** RFC 3339; the exemption holds until this moment. */
  readonly expires: string;
  /** Where it was declared, for instance `tag bulkhead-exempt` or `annotation on namespace payments`. */
  readonly source: string;
}

/** One that was made over the API or in chat: it is kept in a table rather than on the cluster. */
export interface ExemptionEntry {
  readonly id: string;
  /** Pattern of the ARM id or the name of clusters; `*` stands for any text. */
  readonly cluster: string;
  /** Pattern of rule ids. */
  readonly rule: string;
  /** Pattern of subjects; every subject when absent. */
  readonly subject?: string;
  readonly owner: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly expires: string;
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** What somebody asks for. */
export type NewExemption = Omit<ExemptionEntry, 'id' | 'createdBy' | 'createdAt'>;

/** The longest time an exemption may run, in days, where nobody set another. */
export const USUAL_MAX_DAYS = 365;

export interface ExemptionRules {
  readonly entries: readonly ExemptionEntry[];
  /** The longest time an exemption may run, in days. */
  readonly maxDays: number;
  /** Where days end; UTC when left out. */
  readonly zone?: string;
}
