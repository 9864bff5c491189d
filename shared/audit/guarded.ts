// A cluster some of whose fields could not be read, as rules get it: whoever asks for such a fact is stopped, so that none is judged by a guess.
import type { Cluster } from '../model/cluster.ts';
import { describeUnreadable } from '../model/cluster.ts';

/** A rule asked for what the ARM body does not tell in a way that can be understood. */
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
