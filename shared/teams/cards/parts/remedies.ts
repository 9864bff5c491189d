// Which remedies are worth offering: while no engine is on, nothing enforces a policy, so switching one on comes first.
import type { Finding } from '../../../model/finding.ts';
import type { RuleText } from '../../bot-services.ts';

/** @returns the finding that no engine is on; undefined when one is, or when that is not known */
export function missingEngine(findings: readonly Finding[], rules: readonly RuleText[]): Finding | undefined {
  const telling = rules.find(({ tells }) => tells === 'engine')?.id;
  return findings.find(({ rule, verdict }) => rule === telling && (verdict === 'fail' || verdict === 'exempt'));
}

/** @returns true for a finding whose remedy does nothing without an engine */
export const needsEngine = ({ rule }: Finding, rules: readonly RuleText[]): boolean =>
  rules.some((known) => known.id === rule && known.needsEngine);
