// The ways from the internet to workloads: public load balancers, ports of nodes, and backends of Ingresses and Gateways.
import { kubectl } from '../../model/shell.ts';
import type { IpRange } from '../../network/ip.ts';
import { parseCidr } from '../../network/ip.ts';
import { INTERNAL_LOAD_BALANCER } from '../../network/index.ts';
import type { Labels, Pod, Service, ServicePort } from '../../network/objects.ts';
import { NONE } from '../../network/port-sets.ts';
import type { Entrance, Gateway, ObjectName } from '../../network/surroundings.ts';
import type { View } from './view.ts';

export interface Way {
  /** `Service shop/web (LoadBalancer)`, `Ingress shop/web` */
  readonly what: string;
  /** Whom it lets in; undefined: everybody. */
  readonly sources: readonly IpRange[] | undefined;
  /** What arrives has the address of the controller in between, not the client's. */
  readonly proxied: boolean;
  /** The command that takes it away. */
  readonly close: string;
}

/** A way, and the ports of the workload's pods that it leads to. */
export interface WayTo {
  readonly way: Way;
  readonly ports: number;
}

interface Lead {
  readonly way: Way;
  readonly service: Service;
  readonly ports: readonly ServicePort[];
}

const named = ({ namespace, name }: ObjectName): string => `${namespace}/${name}`;

/** @param keyOf names the workload of a pod @returns the ways to each workload that has any */
export function waysIn({ objects, net }: View, keyOf: (pod: Pod) => string): ReadonlyMap<string, readonly WayTo[]> {
  const leads = Map.groupBy(
    [...ofServices(objects.services), ...ofEntrances(objects)],
    (lead) => lead.service.namespace,
  );
  const found = new Map<string, Map<Way, number>>();
  for (const pod of objects.pods) {
    if (pod.finished || pod.hostNetwork) continue;
    for (const { way, service, ports } of leads.get(pod.namespace) ?? []) {
      if (!selects(service.selector, pod.labels)) continue;
      // A Service that declares no port leads nowhere in a cluster; in manifests that are cut short it may lead anywhere.
      const reached = ports.length === 0 ? net.ports.range('TCP', 1, 65_535) : portsOf(net.ports, ports, pod);
      const ways = found.get(keyOf(pod)) ?? new Map<Way, number>();
      ways.set(way, net.ports.union(ways.get(way) ?? NONE, reached));
      found.set(keyOf(pod), ways);
    }
  }
  return new Map([...found].map(([key, ways]) => [key, [...ways].map(([way, ports]) => ({ way, ports }))]));
}

/** A Service without a selector has no pods of its own. */
export function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** @returns the ports of a pod that those of its Service stand for */
export const portsOf = (sets: View['net']['ports'], ports: readonly ServicePort[], pod: Pod): number =>
  ports.reduce((sum, { protocol, target: wanted }) => {
    const numbers =
      typeof wanted === 'number'
        ? [wanted]
        : pod.ports.filter((port) => port.name === wanted && port.protocol === protocol).map(({ port }) => port);
    return numbers.reduce((all, number) => sets.union(all, sets.range(protocol, number, number)), sum);
  }, NONE);

function* ofServices(services: readonly Service[]): Iterable<Lead> {
  for (const service of services) {
    const isBalanced = service.type === 'LoadBalancer';
    if (service.internal || (!isBalanced && service.type !== 'NodePort')) continue;
    const object = { group: '', kind: 'Service', ...service };
    const close = isBalanced
      ? kubectl('annotate', object, '--overwrite', `${INTERNAL_LOAD_BALANCER}=true`)
      : kubectl('patch', object, '--patch', '{"spec":{"type":"ClusterIP"}}');
    const given = isBalanced ? service.sourceRanges : [];
    const sources = given.length === 0 ? undefined : given.flatMap((cidr) => parseCidr(cidr) ?? []);
    const what = `Service ${named(service)} (${service.type})`;
    yield { way: { what, sources, proxied: false, close }, service, ports: service.ports };
  }
}

function* ofEntrances({ surroundings, services }: View['objects']): Iterable<Lead> {
  const byName = new Map(services.map((service) => [named(service), service]));
  const gateways = new Map(surroundings.gateways.map((gateway) => [named(gateway), gateway]));
  for (const entrance of surroundings.entrances) {
    if (entrance.internal || isPrivate(entrance, gateways)) continue;
    const what = `${entrance.kind} ${named(entrance)}`;
    const group = entrance.kind === 'Ingress' ? 'networking.k8s.io' : 'gateway.networking.k8s.io';
    const close = kubectl('edit', { ...entrance, group });
    const way: Way = { what, sources: undefined, proxied: true, close };
    for (const { service: ref, port } of entrance.backends) {
      const service = byName.get(named(ref));
      if (!service) continue;
      const ports = service.ports.filter((one) => port === undefined || one.port === port || one.name === port);
      if (ports.length > 0 || service.ports.length === 0) yield { way, service, ports };
    }
  }
}

/** A route is for the internet unless each of its Gateways is known not to be. */
const isPrivate = ({ gateways: own }: Entrance, gateways: ReadonlyMap<string, Gateway>): boolean =>
  own.length > 0 && own.every((gateway) => gateways.get(named(gateway))?.internal);
