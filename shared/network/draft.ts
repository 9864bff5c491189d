// A row in the making, tier by tier: what is allowed, what is still open, and what a tier passes on to the next.
import type { ColumnPorts } from './rule-ports.ts';
import type { PortSets } from './port-sets.ts';
import { ALL, NONE } from './port-sets.ts';

export interface Draft {
  /** Nothing is allowed yet, and everything is open. */
  begin(): void;
  /** The first that decides wins: what is no longer open stays as it is. */
  decide(action: 'Allow' | 'Deny' | 'Pass', list: readonly number[], given: ColumnPorts): void;
  /**
   * @param run decides; what it passes is open to the next tier
   * @param leavesOpen whether what it does not decide is open to the next tier too, or else denied
   */
  tier(leavesOpen: boolean, run: () => void): void;
  /** @returns what was allowed; valid until the next row begins */
  allowed(): Uint16Array;
  /** @returns what was allowed and what is still open; valid until the next row begins */
  allowedOrOpen(): Uint16Array;
}

/** @param count how many columns a row has */
export function createDraft(ports: PortSets, count: number): Draft {
  const allow = new Uint16Array(count);
  const open = new Uint16Array(count);
  const passed = new Uint16Array(count);
  return {
    begin() {
      allow.fill(NONE);
      open.fill(ALL);
    },
    decide(action, list, given) {
      for (const column of list) {
        const set = ports.intersect(open[column]!, given.at(column));
        if (set === NONE) continue;
        open[column] = ports.subtract(open[column]!, set);
        if (action === 'Allow') allow[column] = ports.union(allow[column]!, set);
        if (action === 'Pass') passed[column] = ports.union(passed[column]!, set);
      }
    },
    tier(leavesOpen, run) {
      passed.fill(NONE);
      run();
      for (let i = 0; i < count; i++) open[i] = leavesOpen ? ports.union(open[i]!, passed[i]!) : passed[i]!;
    },
    allowed: () => allow,
    allowedOrOpen() {
      for (let i = 0; i < count; i++) allow[i] = ports.union(allow[i]!, open[i]!);
      return allow;
    },
  };
}
