// Policy objects that nothing enforces give a false sense of safety.
import { isByoCni } from '../model/cluster.ts';
import type { PolicyRef } from '../network/objects.ts';
import { refName } from '../network/objects.ts';
import { switchToCilium } from './commands.ts';
import { kubectlTarget } from './manifests.ts';
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
    const { cluster, engine, objects, net, read, judged } = viewOf(snapshot);
    // AKS keeps policies of its own in its namespaces, whatever the engine.
    const ours = ({ namespace }: PolicyRef): boolean => namespace === '' || judged(namespace);
    const total = [...objects.policies, ...objects.adminPolicies, ...objects.foreignPolicies].filter(ours).length;
    const idle = net.inert.filter(({ ref }) => ours(ref));
    const hidden = read.forbiddenKinds;
    if (idle.length === 0 && hidden.length > 0) {
      yield unknown('high', 'crd-forbidden', `Policies may exist that may not be listed: ${hidden.join(', ')}.`);
      return;
    }
    if (total === 0) {
      yield notApplicable('high', 'There are no policy objects.');
      return;
    }
    if (engine === 'unrecognised') {
      yield unknown(
        'high',
        isByoCni(cluster) ? 'byo-cni' : 'unrecognised-value',
        'What enforces policy in this cluster is not known.',
      );
      return;
    }
    if (idle.length === 0) {
      yield pass('high', `All ${total} policy objects are of kinds that ${engine} enforces.`);
      return;
    }
    const named = idle.slice(0, SHOWN).map(({ ref, reason }) => `${refName(ref)} (${reason})`);
    const more = idle.length > SHOWN ? ` and ${idle.length - SHOWN} more` : '';
    yield fail(
      'high',
      `${idle.length} of ${total} policy objects ${idle.length === 1 ? 'does' : 'do'} nothing: ${named.join(', ')}${more}.`,
      engine === 'none' ? switchToCilium(cluster) : removal(idle.slice(0, SHOWN).map(({ ref }) => ref)),
    );
  },
};

function removal(refs: readonly PolicyRef[]): string {
  const commands = refs.map((ref) => `kubectl delete ${kubectlTarget(ref)}`);
  return [
    '# Write what they mean in NetworkPolicy objects that the engine enforces, then remove them:',
    ...commands,
  ].join('\n');
}
