// An exemption that was made over the API or in chat, kept in a table rather than on the cluster.

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

export interface ExemptionRules {
  readonly entries: readonly ExemptionEntry[];
  /** The longest time an exemption may run, in days. */
  readonly maxDays: number;
}
