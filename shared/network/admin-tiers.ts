// The two tiers of admin policies: in each the first rule that decides wins, and what was passed goes on.
import type { PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type { Draft } from './draft.ts';
import type { AdminPolicy, AdminRule, Direction } from './objects.ts';
import type { ReadPorts } from './rule-ports.ts';
import { everyPort } from './rule-ports.ts';

/** @param admin the policies that select the class, of both tiers, in the order of their evaluation */
export type DecideTier = (tier: AdminPolicy['tier'], admin: readonly AdminPolicy[], self: PodClass) => void;

/** @returns what lets a tier of admin policies decide about a row in the making */
export function createAdminTiers(
  direction: Direction,
  columns: Columns,
  readPorts: ReadPorts,
  draft: Draft,
): DecideTier {
  const apply = (rule: AdminRule, self: PodClass): void => {
    const { action, peers, ports } = rule;
    // A peer that is not understood may be anybody: it is denied, and nobody is allowed or passed for its sake.
    if (action !== 'Allow' && peers.some(({ kind }) => kind === 'unknown'))
      return draft.decide('Deny', columns.all, everyPort);
    const given = readPorts(ports, self);
    for (const peer of peers) draft.decide(action, columns.peer(peer, ''), given);
  };
  return (tier, admin, self) => {
    const own = admin.filter((policy) => policy.tier === tier);
    if (own.length === 0) return;
    draft.tier(true, () => {
      for (const policy of own) for (const rule of policy[direction]) apply(rule, self);
    });
  };
}
