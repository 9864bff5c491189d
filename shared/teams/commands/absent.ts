// Parts of a silence that mean nothing there is today: most likely a typo, and nobody would notice.
import type { AlertEvent } from '../../alerts/alert.ts';
import { parseMatcher } from '../../alerts/matchers.ts';
import type { Fleet } from '../../model/fleet.ts';
import type { RuleText } from '../bot-services.ts';

/** What matchers look at; every part that does not matter is empty. */
const nothing: AlertEvent = {
  id: '',
  kind: 'new-failure',
  scanId: '',
  at: '',
  subscriptionId: '',
  clusterId: '',
  clusterName: '',
  resourceGroup: '',
  tags: {},
  severity: 'info',
  title: '',
  detail: '',
};

/** @returns the matchers on clusters that no cluster of the fleet matches, and those on rules that no rule does */
export function absentParts(
  matchers: readonly string[],
  fleet: Fleet | undefined,
  rules: readonly RuleText[],
): readonly string[] {
  const clusters = fleet?.clusters.map(({ id, name, subscriptionId, resourceGroup, tags }): AlertEvent => {
    return { ...nothing, clusterId: id, clusterName: name, subscriptionId, resourceGroup, tags };
  });
  const known = {
    cluster: clusters,
    subscription: clusters,
    resourcegroup: clusters,
    tag: clusters,
    rule: rules.map(({ id }): AlertEvent => ({ ...nothing, rule: id })),
  };
  return matchers.filter((text) => {
    const [field = ''] = /[a-z]+/.exec(text.toLowerCase()) ?? [];
    const matcher = parseMatcher(text);
    const candidates = Object.entries(known).find(([name]) => name === field)?.[1];
    return candidates !== undefined && 'matches' in matcher && !candidates.some((event) => matcher.matches(event));
  });
}
