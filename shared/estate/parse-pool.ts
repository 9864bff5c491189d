// The node pools of an ARM body: scale sets, which count as a whole, and machines, which count by their size.
import { z } from 'zod';
import type { NodePool } from '../model/cluster.ts';
import { count, defined, flag, listed, maybe, text, word } from './arm-words.ts';

const sizesSchema = maybe(z.array(z.object({ count, maxcount: count })));

export const poolSchema = z.object({
  name: text,
  ostype: word,
  ossku: text,
  mode: word,
  count,
  maxcount: count,
  enableautoscaling: flag,
  /** Pools of the type VirtualMachines count by size of machine, and not in count and maxCount. */
  virtualmachinesprofile: maybe(
    z.object({ scale: maybe(z.object({ manual: sizesSchema, autoscale: z.preprocess(listed, sizesSchema) })) }),
  ),
  virtualmachinenodesstatus: sizesSchema,
  enablenodepublicip: flag,
  orchestratorversion: text,
  currentorchestratorversion: text,
  localdnsprofile: maybe(z.object({ mode: word, state: word })),
});

/** @param index stands in for a name */
export function buildPool(pool: z.output<typeof poolSchema>, index: number): NodePool {
  const { manual = [], autoscale = [] } = pool.virtualmachinesprofile?.scale ?? {};
  const fixed = pool.virtualmachinesprofile?.scale && autoscale.length === 0 ? total(manual, 'count') : undefined;
  const grown = autoscale.length === 0 ? undefined : total(autoscale, 'maxcount');
  return defined({
    name: pool.name ?? `pool${index}`,
    os: pool.ostype ?? 'linux',
    osSku: pool.ossku,
    mode: pool.mode,
    count: pool.count ?? (pool.virtualmachinenodesstatus ? total(pool.virtualmachinenodesstatus, 'count') : fixed),
    autoscaling: (pool.enableautoscaling ?? false) || autoscale.length > 0,
    maxCount: pool.maxcount ?? (grown === undefined ? undefined : grown + (total(manual, 'count') ?? 0)),
    kubernetesVersion: pool.currentorchestratorversion ?? pool.orchestratorversion,
    localDns: pool.localdnsprofile?.state ?? pool.localdnsprofile?.mode,
    publicIps: pool.enablenodepublicip,
  });
}

/** @returns undefined when one of the sizes has no such number */
function total(
  sizes: readonly { count?: number | undefined; maxcount?: number | undefined }[],
  of: 'count' | 'maxcount',
) {
  const numbers = sizes.map((size) => size[of]);
  return numbers.some((number) => number === undefined) ? undefined : numbers.reduce((sum, n) => sum! + n!, 0);
}
