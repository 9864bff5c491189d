// Services, Ingresses, the Gateway API, service accounts, role bindings and the API server's endpoints. Forgiving: the API server has checked them.
import type { Service, ServicePort } from '../objects.ts';
import { protocols } from '../objects.ts';
import type { Raw } from './raw.ts';
import { isObject, toLabels } from './raw.ts';
import type { ApiServer, Backend, Entrance, Gateway, ObjectName, Surroundings } from '../surroundings.ts';

const objectAt = (value: unknown): Raw => (isObject(value) ? value : {});
const listAt = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textsAt = (value: unknown): readonly string[] => listAt(value).filter((text) => typeof text === 'string');
const textAt = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise;

/** Read by the cloud provider of Azure (cloud-provider-azure, pkg/provider/loadbalancer/configuration.go). */
export const INTERNAL_LOAD_BALANCER = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const ALLOWED_RANGES = [
  'service.beta.kubernetes.io/azure-allowed-ip-ranges',
  'service.beta.kubernetes.io/load-balancer-source-ranges',
];
/** Annotations of Services that say who a load balancer is for. */
export const serviceAnnotations: readonly string[] = [INTERNAL_LOAD_BALANCER, ...ALLOWED_RANGES];

const isTrue = (annotations: Readonly<Record<string, string>>, key: string): boolean =>
  annotations[key]?.toLowerCase() === 'true';
const annotationsOf = (raw: Raw): Readonly<Record<string, string>> =>
  toLabels(objectAt(raw['metadata'])['annotations']);

/** @returns the Service, with what leads to it from outside */
export function parseService(raw: Raw, namespace: string, name: string): Service {
  const spec = objectAt(raw['spec']);
  const annotations = annotationsOf(raw);
  const allowed = ALLOWED_RANGES.flatMap((key) => (annotations[key] ?? '').split(',')).map((text) => text.trim());
  return {
    namespace,
    name,
    type: textAt(spec['type'], 'ClusterIP'),
    selector: toLabels(spec['selector']),
    externalTrafficPolicy: textAt(spec['externalTrafficPolicy'], ''),
    ports: listAt(spec['ports']).flatMap(parsePort),
    externalIps: textsAt(spec['externalIPs']),
    sourceRanges: [...textsAt(spec['loadBalancerSourceRanges']), ...allowed].filter((text) => text !== ''),
    internal: isTrue(annotations, INTERNAL_LOAD_BALANCER),
  };
}

function parsePort(raw: unknown): readonly ServicePort[] {
  const { name, port, targetPort, protocol: given } = objectAt(raw);
  const protocol = protocols.find((known) => known === (given ?? 'TCP'));
  if (typeof port !== 'number' || !protocol) return [];
  const target = typeof targetPort === 'number' || typeof targetPort === 'string' ? targetPort : port;
  return [{ protocol, port, target: target === 0 || target === '' ? port : target, name: textAt(name, '') }];
}

/** Collects objects of these kinds as they come. */
export interface SurroundingsParser {
  /** @returns false when the object is of another kind */
  take(kind: string, group: string, raw: Raw, at: ObjectName): boolean;
  readonly found: Surroundings;
}

export function createSurroundingsParser(): SurroundingsParser {
  const entrances: Entrance[] = [];
  const gateways: Gateway[] = [];
  const tokenless: string[] = [];
  const bound = new Set<string>();
  const apiServers: ApiServer[] = [];
  const takers: Readonly<Record<string, (raw: Raw, at: ObjectName) => void>> = {
    'Ingress networking.k8s.io': (raw, at) => void entrances.push(parseIngress(raw, at)),
    'Gateway gateway.networking.k8s.io': (raw, at) => void gateways.push(parseGateway(raw, at)),
    'ServiceAccount ': (raw, { namespace, name }) => {
      if (raw['automountServiceAccountToken'] === false) tokenless.push(`${namespace}/${name}`);
    },
    'RoleBinding rbac.authorization.k8s.io': (raw, at) => accountsOf(raw, at).forEach((account) => bound.add(account)),
    'ClusterRoleBinding rbac.authorization.k8s.io': (raw, at) =>
      accountsOf(raw, at).forEach((account) => bound.add(account)),
    'EndpointSlice discovery.k8s.io': (raw, { namespace }) => {
      const service = toLabels(objectAt(raw['metadata'])['labels'])['kubernetes.io/service-name'];
      if (namespace === 'default' && service === 'kubernetes') apiServers.push(...parseSlice(raw));
    },
  };
  return {
    take(kind, group, raw, at) {
      const isRoute = group === 'gateway.networking.k8s.io' && kind.endsWith('Route');
      if (isRoute) entrances.push(parseRoute(kind, raw, at));
      else takers[`${kind} ${group}`]?.(raw, at);
      return isRoute || Object.hasOwn(takers, `${kind} ${group}`);
    },
    get found() {
      return { entrances, gateways, tokenless, bound: [...bound], apiServers };
    },
  };
}

/** Application Gateway gives an Ingress its private address (Application Gateway Ingress Controller, annotations). */
export const PRIVATE_INGRESS = 'appgw.ingress.kubernetes.io/use-private-ip';

function parseIngress(raw: Raw, at: ObjectName): Entrance {
  const spec = objectAt(raw['spec']);
  const paths = listAt(spec['rules']).flatMap((rule) => listAt(objectAt(objectAt(rule)['http'])['paths']));
  const all = [spec['defaultBackend'], ...paths.map((path) => objectAt(path)['backend'])];
  const backends = all.flatMap((backend): readonly Backend[] => {
    const { name, port } = objectAt(objectAt(backend)['service']);
    const { number, name: portName } = objectAt(port);
    if (typeof name !== 'string') return [];
    return [{ service: { namespace: at.namespace, name }, ...portOf(number ?? portName) }];
  });
  return { kind: 'Ingress', ...at, backends, gateways: [], internal: isTrue(annotationsOf(raw), PRIVATE_INGRESS) };
}

const portOf = (port: unknown): { readonly port?: number | string } =>
  typeof port === 'number' || typeof port === 'string' ? { port } : {};

/** HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute name parents and backends alike (Gateway API, apis/v1). */
function parseRoute(kind: string, raw: Raw, at: ObjectName): Entrance {
  const spec = objectAt(raw['spec']);
  const gateways = listAt(spec['parentRefs']).flatMap((parent) => referenceTo('Gateway', parent, at) ?? []);
  const backends = listAt(spec['rules'])
    .flatMap((rule) => listAt(objectAt(rule)['backendRefs']))
    .flatMap((backend): readonly Backend[] => {
      const service = referenceTo('Service', backend, at);
      return service ? [{ service, ...portOf(objectAt(backend)['port']) }] : [];
    });
  // A route of a mesh hangs on Services alone, and leads in from nowhere.
  const internal = gateways.length === 0;
  return { kind, ...at, backends, gateways, internal };
}

/** @returns whom a reference of the Gateway API names; without a kind that is a Gateway for a parent, a Service for a backend */
function referenceTo(kind: 'Gateway' | 'Service', raw: unknown, at: ObjectName): ObjectName | undefined {
  const { kind: given, namespace, name } = objectAt(raw);
  if (typeof name !== 'string' || textAt(given, kind) !== kind) return undefined;
  return { namespace: textAt(namespace, at.namespace), name };
}

/** What a Gateway asks of its infrastructure is put on the Service that is made for it (Gateway API, GEP-1867). */
function parseGateway(raw: Raw, at: ObjectName): Gateway {
  const asked = toLabels(objectAt(objectAt(raw['spec'])['infrastructure'])['annotations']);
  return {
    ...at,
    internal: isTrue(asked, INTERNAL_LOAD_BALANCER) || isTrue(annotationsOf(raw), INTERNAL_LOAD_BALANCER),
  };
}

/** Groups of accounts are left aside: every account is in some, and they are given next to nothing. */
function accountsOf(raw: Raw, at: ObjectName): readonly string[] {
  return listAt(raw['subjects']).flatMap((subject) => {
    const { kind, name, namespace } = objectAt(subject);
    return kind === 'ServiceAccount' && typeof name === 'string' ? [`${textAt(namespace, at.namespace)}/${name}`] : [];
  });
}

function parseSlice(raw: Raw): readonly ApiServer[] {
  const ports = listAt(raw['ports']).flatMap((entry) => {
    const { port } = objectAt(entry);
    return typeof port === 'number' ? [port] : [];
  });
  return listAt(raw['endpoints'])
    .flatMap((endpoint) => textsAt(objectAt(endpoint)['addresses']))
    .map((address) => ({ address, ports }));
}
