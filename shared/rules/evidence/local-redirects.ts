// Where Cilium sends connections to pods of the same node instead: policies see those pods, and so must rules and remedies.
import { parseIp } from '../../network/ip.ts';
import type { LocalRedirect, Pod } from '../../network/objects.ts';
import { matches } from '../../network/selectors.ts';
import type { View } from './view.ts';
import { DNS_NAMESPACE } from './dns.ts';

/** @returns the redirect of an address that is in force, if any: only Cilium knows redirects */
export const redirectOf = ({ engine, objects }: View, ip: string): LocalRedirect | undefined =>
  engine === 'cilium'
    ? objects.redirects.find(({ from }) => 'ip' in from && parseIp(from.ip) === parseIp(ip))
    : undefined;

/** @returns whether a redirect leads to the pod; policies cannot mean those on the network of their node */
export const isBackend = ({ namespace, backends }: LocalRedirect, pod: Pod): boolean =>
  pod.namespace === namespace && !pod.hostNetwork && !pod.finished && matches(backends, pod.labels);

/** @returns the redirects of the cluster's DNS that lead to pods which policies can mean */
export function dnsRedirects({ engine, objects, cluster }: View): readonly LocalRedirect[] {
  if (engine !== 'cilium') return [];
  const address = parseIp(cluster.network?.dnsServiceIp ?? '');
  const isDns = ({ from }: LocalRedirect): boolean =>
    'ip' in from
      ? address !== undefined && parseIp(from.ip) === address
      : from.service === 'kube-dns' && from.namespace === DNS_NAMESPACE;
  return objects.redirects.filter(
    (redirect) => isDns(redirect) && objects.pods.some((pod) => isBackend(redirect, pod)),
  );
}
