// An exemption with a mistake in it exempts nothing, and whoever made it should hear of that.
import { declaredExemptions } from './exemptions/declared.ts';
import type { Rule } from './rule.ts';
import { about, notApplicable, pass } from './rule.ts';

export const exemptionValid: Rule = {
  id: 'exemption-valid',
  title: 'Every exemption is valid',
  failing: 'has exemptions that are not valid',
  rationale:
    'An exemption needs a rule, an owner, a reason and an end within the allowed time; without any one of them it does not hold.',
  severity: 'low',
  subject: 'cluster',
  plane: 'cluster',
  neverExempt: true,
  needsNoBody: true,
  controls: ['Bulkhead: accepted risks'],
  references: ['https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources'],
  *evaluate(snapshot) {
    const { active, expired, problems } = declaredExemptions(snapshot);
    const bySubject = Map.groupBy(problems, ({ subject }) => subject);
    for (const [subject, wrong] of bySubject)
      yield about(subject).fail(
        wrong.map(({ place, message }) => `In ${place}: ${message}`).join(' '),
        [...new Set(wrong.map(({ remedy }) => remedy))].join('\n'),
      );
    if (problems.length > 0) return;
    if (active.length + expired.length === 0) yield notApplicable('There are no exemptions.');
    else yield pass(`Exemptions: ${active.length} in force, ${expired.length} ended.`);
  },
};
