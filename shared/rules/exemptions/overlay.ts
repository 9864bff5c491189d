// The overlay of exemptions: a failure that somebody accepted is exempt, and nothing else changes.
import type { Finding } from '../../model/finding.ts';
import { subjectNamespace } from '../../model/finding.ts';
import type { DeclaredExemption } from './declared.ts';
import { compilePattern } from '../../model/pattern.ts';

/**
 * @param active exemptions that hold now
 * @param never ids of rules whose failures cannot be exempted
 * @returns the findings, each failure that an exemption covers as exempt with what was accepted; where several cover it, the one that ends last counts
 */
export function exempt(
  findings: readonly Finding[],
  active: readonly DeclaredExemption[],
  never: ReadonlySet<string>,
): readonly Finding[] {
  if (active.length === 0) return findings;
  const longestFirst = active
    .toSorted((a, b) => Date.parse(b.exemption.expires) - Date.parse(a.exemption.expires))
    .map((declared) => ({ declared, covers: coverage(declared) }));
  return findings.map((finding) => {
    if (finding.verdict !== 'fail' || never.has(finding.rule)) return finding;
    const found = longestFirst.find(({ covers }) => covers(finding));
    return found ? { ...finding, verdict: 'exempt', exemption: found.declared.exemption } : finding;
  });
}

function coverage({ rule, subject, namespace }: DeclaredExemption): (finding: Finding) => boolean {
  const [isRule, isSubject] = [compilePattern(rule), compilePattern(subject)];
  return (finding) =>
    isRule(finding.rule) &&
    isSubject(finding.subject) &&
    (namespace === undefined || subjectNamespace(finding.subject) === namespace);
}
