// Which release runs: some runs begin with an earlier one, whose catalogue lacks the newest rules, and the present one is deployed in between.
import type { Catalogue } from '../../shared/rules/index.ts';
import { catalogue, catalogueRevision } from '../../shared/rules/index.ts';
import type { Host } from './host.ts';
import { seeded } from './random.ts';
import type { Timeline } from './timeline.ts';

const HOUR_MS = 3_600_000;
const SHARE = 0.4;

const before = catalogue.rules.filter(({ since = 1 }) => since < catalogueRevision);
const earlier: Catalogue = { version: `${catalogueRevision - 1}.${before.length}`, rules: before };

export interface Release {
  /** Of a process that starts now. */
  readonly catalogue: () => Catalogue;
  /** Sees to it that the present release is deployed at its hour: every process starts anew. */
  schedule(timeline: Timeline, host: Pick<Host, 'replace'>, hours: number): void;
}

/** @param seed of the run; what is drawn here shifts no other chance of it */
export function createRelease(seed: number): Release {
  const random = seeded(seed * 31 + 5);
  let current = random.chance(SHARE) ? earlier : catalogue;
  return {
    catalogue: () => current,
    schedule(timeline, host, hours) {
      if (current === catalogue) return;
      timeline.at(timeline.now() + Math.round(random.next() * hours * HOUR_MS), () => {
        current = catalogue;
        host.replace();
      });
    },
  };
}
