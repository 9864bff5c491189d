// So much changed at once that the single changes would bury what they have in common: one card, whatever the grouping.
import type { AdvanceInput } from '../model.ts';
import type { Due, Stage } from './stage.ts';

export const gatherStorm: Stage = (work, input) => {
  const why = stormOf(work.dues.filter(isNews), work.newRules, input);
  if (why === undefined) return work;
  return { ...work, dues: work.dues.map((due) => (isNews(due) ? { ...due, kind: 'storm', group: why } : due)) };
};

const isNews = ({ kind }: Due): boolean => kind === 'alerts';

/** @returns why they are a storm; undefined when they are not */
function stormOf(news: readonly Due[], newRules: boolean, { routing, fleet }: AdvanceInput): string | undefined {
  const clusters = clustersOf(news);
  if (newRules && clusters > 1) return `The rules changed: ${clusters} clusters are judged differently than before`;
  const { share, clusters: least } = routing.storm;
  const all = fleet?.clusters.length ?? 0;
  return clusters >= least && clusters > share * all ? `${clusters} of ${all} clusters changed` : undefined;
}

/** @returns how many clusters the dues are about */
export const clustersOf = (dues: readonly Due[]): number =>
  new Set(dues.map(({ alert }) => alert.event.clusterId)).size;
