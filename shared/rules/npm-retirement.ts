// Azure Network Policy Manager is being retired: on Windows it has ended, on Linux it will.
import { clusterSubject } from '../model/finding.ts';
import { engineOf, hasWindowsPool } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import { NPM_LINUX_END, NPM_WINDOWS_END, byCloseness, retirement } from './facts/retirement.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about, fail, notApplicable } from './rule.ts';

export const npmRetirement: Rule = {
  id: 'npm-retirement',
  title: 'The engine is not being retired',
  failing: 'runs NPM, which Azure is retiring',
  rationale: 'After its retirement NPM gets no fixes, and policies silently depend on an engine that nobody maintains.',
  severity: {
    ...byCloseness,
    high: `${byCloseness.high}, and always with Windows nodes`,
  },
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS retirement notices'],
  references: ['https://azure.microsoft.com/updates/?id=500268', 'https://azure.microsoft.com/updates/?id=500273'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster, now } = snapshot;
  if (engineOf(cluster) !== 'azure') return notApplicable('The engine is not NPM.');
  if (hasWindowsPool(cluster)) {
    const { when } = retirement(NPM_WINDOWS_END, now);
    return fail(`Support for NPM on Windows nodes ${when} (${NPM_WINDOWS_END}).`, engineRemedy(snapshot));
  }
  const { severity, when } = retirement(NPM_LINUX_END, now);
  return about(clusterSubject, severity).fail(`Support for NPM ${when} (${NPM_LINUX_END}).`, engineRemedy(snapshot));
}
