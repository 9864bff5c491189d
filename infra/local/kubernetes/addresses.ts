// Addresses and name endings of simulated pods: the same for the same name in every read, so that nothing drifts by itself.
import { createHash } from 'node:crypto';

/** @returns 32 bits that depend on the text alone */
export const hashOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0);

/** The letters that Kubernetes uses in generated names: no vowels, no lookalikes. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** @returns a name ending of this length, as a ReplicaSet or a pod gets it */
export function suffixOf(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from({ length }, (_, i) => ALPHABET[bytes[i]! % ALPHABET.length]).join('');
}

export interface PodAddresses {
  /** @returns a free address of each family for a pod, nearly always the same for the same key */
  take(key: string): readonly string[];
}

/**
 * @param cidrs pod ranges of the cluster; an IPv4 range is at least a /24, an IPv6 one ends in `::/64`
 * @param taken addresses that manifests give to pods themselves
 */
export function createPodAddresses(cidrs: readonly string[], taken: ReadonlySet<string>): PodAddresses {
  const v4 = cidrs.find((cidr) => !cidr.includes(':')) ?? '10.244.0.0/16';
  const v6 = cidrs.find((cidr) => cidr.includes(':'));
  const [base = '', bits = '16'] = v4.split('/');
  const first = base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const used = new Set(taken);
  return {
    take(key) {
      let offset = hashOf(key) % size;
      for (let tries = 0; tries < size; tries++, offset = (offset + 1) % size) {
        const address = dotted(first + offset);
        const isPodAddress = ![0, 255].includes(offset % 256);
        if (!isPodAddress || used.has(address)) continue;
        used.add(address);
        return v6 ? [address, v6.replace('::/64', `::${offset.toString(16)}`)] : [address];
      }
      throw new Error(`the pod range ${v4} has no address left`);
    },
  };
}

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
