// What rules get of a cluster with fields that could not be read: whoever asks for one of them is stopped, so that nothing is judged by a guess.
import type { Cluster } from '../model/cluster.ts';
import { describeUnreadable } from '../model/cluster.ts';

/** A rule asked for a field of the ARM body that could not be understood. */
export class UnreadableFact extends Error {}

/** @returns the cluster itself, or a copy of it whose unreadable facts throw UnreadableFact when they are read */
export function guarded(cluster: Cluster): Cluster {
  if (!cluster.unreadableFields) return cluster;
  const copy = structuredClone(cluster);
  for (const field of cluster.unreadableFields)
    for (const fact of field.facts) bar(copy, fact.split('.'), describeUnreadable(field));
  return copy;
}

/** What lies within a fact that is missing altogether is barred with it. */
function bar(holder: object, [key, ...inner]: readonly string[], message: string): void {
  const own = Object.getOwnPropertyDescriptor(holder, key!);
  // Barred already, by the first field that is wrong.
  if (own?.get) return;
  if (inner.length > 0 && typeof own?.value === 'object') bar(own.value as object, inner, message);
  else
    Object.defineProperty(holder, key!, {
      enumerable: true,
      get: () => {
        throw new UnreadableFact(message);
      },
    });
}
