// The rule catalogue, from the rules themselves.
import { z } from 'zod';
import { subjectKinds } from '../../model/finding.ts';
import { severities } from '../../model/verdict.ts';
import { catalogueVersion, rules as catalogue } from '../../rules/index.ts';
import type { Rule } from '../../rules/rule.ts';
import { severityInWords, worstSeverity } from '../../rules/rule.ts';
import { route } from '../route.ts';

const severity = z.enum(severities);

const item = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** What is said of a subject that fails, after its name. */
  failing: z.string(),
  rationale: z.string(),
  severity: z.union([severity, z.strictObject({ worst: severity, depends: z.string() })]),
  subject: z.enum(subjectKinds),
  plane: z.enum(['cluster', 'in-cluster']),
  controls: z.array(z.string()),
  references: z.array(z.url()),
});

export const rules = route({
  name: 'rules',
  method: 'GET',
  path: 'rules',
  access: 'read',
  summary: 'Every rule: what it checks, why, how severe, and which framework requirements it gives evidence for.',
  responses: { 200: z.strictObject({ catalogue: z.string(), value: z.array(item) }) },
  handle: async () => ({
    status: 200,
    body: { catalogue: catalogueVersion, value: catalogue.map(toItem) },
  }),
});

const toItem = (rule: Rule) => {
  const { id, title, failing, rationale, severity, subject, plane, controls, references } = rule;
  const weight =
    typeof severity === 'string' ? severity : { worst: worstSeverity(rule), depends: severityInWords(rule) };
  return { id, title, failing, rationale, severity: weight, subject, plane, controls, references };
};
