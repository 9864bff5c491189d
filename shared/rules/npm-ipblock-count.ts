// Many address blocks in one policy make NPM's updates race.
import { blocksOf } from './evidence/blocks.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

/** AKS documentation: with four or fewer the race is less likely. */
const MOST = 4;

export const npmIpblockCount: Rule = {
  id: 'npm-ipblock-count',
  title: 'The policy has no more address blocks than NPM handles well',
  failing: 'has more address blocks than NPM handles well',
  rationale:
    'While NPM applies a policy with many address blocks, allowed connections may be dropped, and forbidden ones may pass.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['AKS known issue'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  *evaluate(snapshot) {
    const { policies, engine } = viewOf(snapshot);
    for (const policy of policies) {
      const { length } = blocksOf(policy);
      const it = about(policySubject(policy));
      if (engine !== 'azure') yield it.notApplicable('The engine is not NPM.');
      else if (length > MOST)
        yield it.fail(
          `It has ${length} address blocks; with more than ${MOST}, NPM may briefly drop or allow the wrong connections.`,
          editPolicy(policy, 'Split the policy, or join neighbouring blocks.'),
        );
      else yield it.pass(`It has no more than ${MOST} address blocks.`);
    }
  },
};
