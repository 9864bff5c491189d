// NPM on Windows drops a whole policy when it cannot express a part of it.
import { hasWindowsPool } from '../model/cluster.ts';
import { windowsConstruct } from '../network/index.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const npmWindowsConstructs: Rule = {
  id: 'npm-windows-constructs',
  title: 'The policy uses only what NPM on Windows can express',
  failing: 'uses what NPM on Windows cannot express',
  rationale:
    'NPM on Windows drops a whole policy for one construct that it does not support, with no more than a log line: its pods stay open.',
  severity: 'high',
  subject: 'policy',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['NPM limits'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  *evaluate(snapshot) {
    const { policies, engine, cluster } = viewOf(snapshot);
    for (const policy of policies) {
      const construct = windowsConstruct(policy);
      const it = about(policySubject(policy));
      if (engine !== 'azure' || !hasWindowsPool(cluster))
        yield it.notApplicable('NPM does not run on Windows nodes here.');
      else if (construct)
        yield it.fail(
          `It uses ${construct}: NPM on Windows drops the whole policy.`,
          editPolicy(policy, `Write it without ${construct}.`),
        );
      else yield it.pass('NPM on Windows can express it.');
    }
  },
};
