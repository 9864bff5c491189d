// Azure Network Policy Manager is being retired: on Windows it has ended, on Linux it will.
import { engineOf, hasWindowsPool } from '../model/cluster.ts';
import { changeEngine, switchToCilium } from './commands.ts';
import { retirement } from './retirement.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable } from './rule.ts';

/** Azure Updates 500273 (Windows) and 500268 (Linux). */
const WINDOWS_END = '2026-09-30';
const LINUX_END = '2028-09-30';

export const npmRetirement: Rule = {
  id: 'npm-retirement',
  title: 'The engine is not one that is being retired',
  rationale: 'After its retirement NPM gets no fixes, and policies silently depend on an engine nobody maintains.',
  severity: { worst: 'high', depends: 'how close the end is; on Windows nodes it has come' },
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS retirement notices'],
  references: ['https://azure.microsoft.com/updates/?id=500268', 'https://azure.microsoft.com/updates/?id=500273'],
  *evaluate({ cluster, now }) {
    if (engineOf(cluster) !== 'azure') {
      yield notApplicable('high', 'The engine is not NPM.');
      return;
    }
    if (hasWindowsPool(cluster)) {
      const { when } = retirement(WINDOWS_END, now);
      yield fail('high', `Support for NPM on Windows nodes ${when} (${WINDOWS_END}).`, changeEngine(cluster, 'calico'));
      return;
    }
    const { severity, when } = retirement(LINUX_END, now);
    yield fail(severity, `Support for NPM ${when} (${LINUX_END}).`, switchToCilium(cluster));
  },
};
