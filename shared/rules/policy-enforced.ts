// Policy objects that nothing enforces give a false sense of safety.
import { refName } from '../network/objects.ts';
import { switchToCilium } from './commands.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { viewOf } from './view.ts';

const SHOWN = 5;

export const policyEnforced: Rule = {
  id: 'policy-enforced',
  title: 'Every policy object is of a kind that the engine enforces',
  rationale:
    'An engine that is switched off or replaced leaves its policy objects behind: they look like protection and do nothing.',
  severity: 'high',
  subject: 'cluster',
  plane: 'in-cluster',
  controls: ['AKS documentation: uninstalling an engine keeps its objects'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  *evaluate(snapshot) {
    const { cluster, engine, objects } = viewOf(snapshot);
    const total = objects.policies.length + objects.adminPolicies.length + objects.foreignPolicies.length;
    if (total === 0) {
      yield notApplicable('high', 'There are no policy objects.');
      return;
    }
    if (engine === 'unrecognised') {
      yield unknown('high', 'byo-cni', 'What enforces policy in this cluster is not known.');
      return;
    }
    const idle = [
      ...(engine === 'none' ? objects.policies : []),
      ...objects.foreignPolicies.filter((policy) => policy.family !== engine),
    ];
    if (idle.length === 0) {
      yield pass('high', `All ${total} policy objects are of kinds that ${engine} enforces.`);
      return;
    }
    const named =
      idle.slice(0, SHOWN).map(refName).join(', ') + (idle.length > SHOWN ? ` and ${idle.length - SHOWN} more` : '');
    const why = engine === 'none' ? 'no engine is on' : `the engine is ${engine}`;
    yield fail(
      'high',
      `${idle.length} policy object(s) do nothing because ${why}: ${named}.`,
      engine === 'none' ? switchToCilium(cluster) : `# Write them as NetworkPolicy objects, then delete them: ${named}`,
    );
  },
};
