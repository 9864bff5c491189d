// Nobody needs to mend what disappears with its namespace, nor could they: the API server takes no new object in one that is being deleted.
import type { Finding } from '../model/finding.ts';
import { subjectKind, subjectNamespace } from '../model/finding.ts';
import type { InCluster } from '../model/in-cluster.ts';

/**
 * The pods there run until they are gone, and count in every other answer.
 * @returns the findings; those about a namespace that is being deleted, and failures and doubts about what is in it, as not applicable
 */
export function withoutDeparting(findings: readonly Finding[], inCluster: InCluster | undefined): readonly Finding[] {
  if (inCluster?.status !== 'read') return findings;
  const departing = new Set(inCluster.objects.namespaces.filter((ns) => ns.terminating).map(({ name }) => name));
  if (departing.size === 0) return findings;
  return findings.map((finding) => {
    const namespace = subjectNamespace(finding.subject);
    if (namespace === undefined || !departing.has(namespace)) return finding;
    const isOpen = finding.verdict === 'fail' || finding.verdict === 'unknown';
    if (!isOpen && subjectKind(finding.subject) !== 'namespace') return finding;
    const { rule, subject, severity } = finding;
    return {
      rule,
      subject,
      severity,
      verdict: 'notApplicable',
      message: `The namespace ${namespace} is being deleted.`,
    };
  });
}
