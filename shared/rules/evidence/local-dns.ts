// Where pods ask for names: with LocalDNS a proxy on their own node answers them.
import { parseCidr } from '../../network/ip.ts';
import type { View } from './view.ts';

/** LocalDNS listens on two addresses of this range (AKS documentation, "Configure LocalDNS"). */
export const LOCAL_DNS = parseCidr('169.254.10.0/24')!;

/**
 * Mode `required` installs it, `preferred` only checks its configuration as yet and will install it in a later Kubernetes version, `disabled`
 * and no profile leave it out (AKS documentation, "Configure LocalDNS"); nodes that AKS provisions by itself have a profile that ARM does not show.
 * @returns whether LocalDNS runs on the nodes; `some` when it does on some or ARM does not tell
 */
export function localDns({ cluster, read }: Pick<View, 'cluster' | 'read'>): 'on' | 'off' | 'some' {
  const { pools, autoProvisioning } = cluster;
  if (pools.length === 0) return read.fromManifests ? 'some' : 'off';
  const states = new Set(pools.map((pool) => STATES.get(pool.localDns ?? 'disabled') ?? 'some'));
  const [only] = states;
  return states.size === 1 && !(only === 'off' && autoProvisioning) ? only! : 'some';
}

const STATES = new Map<string, 'on' | 'off'>([
  ['enabled', 'on'],
  ['required', 'on'],
  ['disabled', 'off'],
]);
