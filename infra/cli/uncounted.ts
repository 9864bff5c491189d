// What connectivity says nothing about, counted: pods that no policy governs, and pods that have no address yet.
import type { Connectivity } from '../../shared/network/index.ts';
import { ipBlocksCoverPods } from '../../shared/network/index.ts';
import type { Pod } from '../../shared/network/objects.ts';

export interface Uncounted {
  /** On the network of their node: policies do not apply to them. */
  readonly hostNetworkPods: number;
  /** Succeeded, failed or deleted: they send and receive nothing any more. */
  readonly finishedPods: number;
  /** Pods without an address, most of them from templates, where an ipBlock of some policy might match a pod by its address. A block of all addresses matches them; any other is taken not to. */
  readonly podsWithoutAddress: number;
}

/** @param counts says which pods to look at: all of them unless it is given */
export function countUncounted(net: Connectivity, counts: (pod: Pod) => boolean = () => true): Uncounted {
  let [hostNetworkPods, finishedPods, podsWithoutAddress] = [0, 0, 0];
  const byAddress = net.blocks.length > 0 && ipBlocksCoverPods(net.profile);
  for (const pod of net.objects.pods.filter(counts)) {
    if (pod.finished) finishedPods += pod.replicas;
    else if (pod.hostNetwork) hostNetworkPods += pod.replicas;
    else if (byAddress && pod.ips.length === 0) podsWithoutAddress += pod.replicas;
  }
  return { hostNetworkPods, finishedPods, podsWithoutAddress };
}

/** @returns a sentence for each count above zero, without its full stop */
export function uncountedSentences({ hostNetworkPods, finishedPods, podsWithoutAddress }: Uncounted): string[] {
  const pods = (count: number, what: string): string => (count === 1 ? `1 pod ${what}` : `${count} pods ${what}`);
  return [
    ...(hostNetworkPods > 0
      ? [`${pods(hostNetworkPods, 'on the network of the node')}: not shown, because policies do not apply there`]
      : []),
    ...(finishedPods > 0
      ? [`${pods(finishedPods, 'finished')}: not shown, because nothing is sent or received there any more`]
      : []),
    ...(podsWithoutAddress > 0
      ? [
          `${pods(podsWithoutAddress, 'without an address yet')}: an ipBlock is taken to match only if it covers every address; on a live cluster it matches addresses inside it`,
        ]
      : []),
  ];
}
