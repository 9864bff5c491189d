// The catalogue: every rule, in the one order in which they are run and listed.
import { auditorVisibility } from './auditor-visibility.ts';
import { engineEnabled } from './engine-enabled.ts';
import { engineSupported } from './engine-supported.ts';
import { kubenetRetirement } from './kubenet-retirement.ts';
import { managedNamespacePolicy } from './managed-namespace-policy.ts';
import { npmIpv6 } from './npm-ipv6.ts';
import { npmNodeLimit } from './npm-node-limit.ts';
import { npmRetirement } from './npm-retirement.ts';
import { recommendedEngine } from './recommended-engine.ts';
import type { Rule } from './rule.ts';

export const rules: readonly Rule[] = [
  engineEnabled,
  engineSupported,
  npmRetirement,
  kubenetRetirement,
  npmNodeLimit,
  npmIpv6,
  managedNamespacePolicy,
  recommendedEngine,
  auditorVisibility,
];

/** Raise it when a rule judges differently: the change it brings is then told as the catalogue's, not the clusters'. */
const REVISION = 1;
export const catalogueVersion = `${REVISION}.${rules.length}`;
