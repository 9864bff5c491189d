// What workloads need beyond themselves, as their objects name it: the API server, and Services that their containers are told to call.
import { parseReference, workloadName } from '../../network/index.ts';
import type { Pod, Service } from '../../network/objects.ts';
import { NONE } from '../../network/port-sets.ts';
import type { View } from './view.ts';
import { DNS_NAMESPACE } from './dns.ts';
import { portsOf, selects } from './ways-in.ts';

/** A Service that a container is told to call. */
export interface NeededService {
  readonly service: Service;
  /** The port that it is told; any of the Service's when absent. */
  readonly port?: number;
  /** By the class of the pods behind it: their ports. One of them must be reached, or all where a port is told. */
  readonly behind: ReadonlyMap<number, number>;
}

export interface Needs {
  readonly apiServer: boolean;
  readonly services: readonly NeededService[];
}

/** The Service of the API server; it has no pods. */
const API_SERVER = 'default/kubernetes';

/** @returns what each workload needs, by its name */
export function needsOf(view: View): ReadonlyMap<string, Needs> {
  const { objects, net } = view;
  const services = new Map(objects.services.map((service) => [`${service.namespace}/${service.name}`, service]));
  const bound = new Set(objects.surroundings.bound);
  const tokenless = new Set(objects.surroundings.tokenless);
  const podsIn = Map.groupBy(
    net.classes.flatMap(({ members }, index) => members.map((member) => ({ pod: net.objects.pods[member]!, index }))),
    ({ pod }) => pod.namespace,
  );
  const found = new Map<string, { apiServer: boolean; services: Map<string, NeededService> }>();
  for (const pod of objects.pods) {
    if (pod.finished || pod.hostNetwork) continue;
    const account = `${pod.namespace}/${pod.account ?? 'default'}`;
    const callsApi = bound.has(account) && (pod.mountsToken ?? !tokenless.has(account));
    if (!callsApi && pod.references === undefined) continue;
    const name = nameOf(pod);
    const needs = found.get(name) ?? { apiServer: false, services: new Map() };
    found.set(name, needs);
    if (callsApi) needs.apiServer = true;
    for (const reference of pod.references ?? []) {
      const { services: candidates, port } = parseReference(reference, pod.namespace);
      const target = candidates.find((candidate) => services.has(candidate));
      if (target === API_SERVER) needs.apiServer = true;
      const key = `${target}:${port}`;
      if (target === undefined || needs.services.has(key)) continue;
      const needed = behind(view, services.get(target)!, port, podsIn.get(services.get(target)!.namespace) ?? [], name);
      if (needed) needs.services.set(key, needed);
    }
  }
  return new Map(
    [...found].map(([name, { apiServer, services: needed }]) => [name, { apiServer, services: [...needed.values()] }]),
  );
}

const nameOf = ({ namespace, owner }: Pod): string => workloadName({ namespace, ...owner });

/** @returns undefined for what nothing can be said about: no pods behind it, only its own, or the cluster's DNS, which has a rule of its own */
function behind(
  { net }: View,
  service: Service,
  port: number | undefined,
  candidates: readonly { readonly pod: Pod; readonly index: number }[],
  self: string,
): NeededService | undefined {
  if (service.namespace === DNS_NAMESPACE && service.name === 'kube-dns') return undefined;
  // A Service without an address of its own passes a port on as it is.
  const named = service.ports.filter((one) => port === undefined || one.port === port);
  const asIs = port === undefined ? [] : [{ name: '', protocol: 'TCP' as const, port, target: port }];
  const ports = named.length > 0 ? named : asIs;
  const found = new Map<number, number>();
  for (const { pod, index } of candidates) {
    if (!selects(service.selector, pod.labels) || nameOf(pod) === self) continue;
    const set = net.ports.union(found.get(index) ?? NONE, portsOf(net.ports, ports, pod));
    if (set !== NONE) found.set(index, set);
  }
  return found.size === 0 ? undefined : { service, behind: found, ...(port === undefined ? {} : { port }) };
}
