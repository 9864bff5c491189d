// The rule catalogue, from the rules themselves.
import { z } from 'zod';
import { catalogueVersion, rules as catalogue } from '../../rules/index.ts';
import type { Rule } from '../../rules/rule.ts';
import { severityInWords, worstSeverity } from '../../rules/rule.ts';
import { route } from '../route.ts';
import { etagOf } from '../serve.ts';

export const rules = route({
  name: 'rules',
  method: 'GET',
  path: 'rules',
  access: 'key',
  summary: 'Every rule: what it checks, why, how severe, and which framework requirements it gives evidence for.',
  query: z.object({}),
  handle: async () => ({
    status: 200,
    headers: { etag: etagOf('rules', catalogueVersion) },
    body: { catalogue: catalogueVersion, value: catalogue.map(toItem) },
  }),
});

const toItem = (rule: Rule) => {
  const { id, title, rationale, severity, subject, plane, controls, references } = rule;
  const weight =
    typeof severity === 'string' ? severity : { worst: worstSeverity(rule), depends: severityInWords(rule) };
  return { id, title, rationale, severity: weight, subject, plane, controls, references };
};
