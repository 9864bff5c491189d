// Pods, and workload templates that stand for their pods. Written by hand and forgiving: there are many, and the API server has checked them.
import type { HostPort, NamedPort, Node, Owner, Pod, Protocol } from '../objects.ts';
import { protocols } from '../objects.ts';
import { platformOf } from './platforms.ts';
import type { Raw } from './raw.ts';
import { isObject, toLabels } from './raw.ts';
import { referencesIn } from './references.ts';

type Place = Pick<Pod, 'namespace' | 'name'>;

/** @param owner what the pod stands under @param nodes by their names, as far as they were read */
export function parsePod(raw: Raw, { namespace, name }: Place, owner: Owner, nodes: ReadonlyMap<string, Node>): Pod {
  const spec = isObject(raw['spec']) ? raw['spec'] : {};
  const status = isObject(raw['status']) ? raw['status'] : {};
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const platform = platformOf(spec, nodes);
  return {
    namespace,
    name,
    ...(platform ? { platform } : {}),
    labels: toLabels(metadata['labels']),
    owner,
    replicas: 1,
    ips: podIps(status),
    hostNetwork: spec['hostNetwork'] === true,
    finished: status['phase'] === 'Succeeded' || status['phase'] === 'Failed' || isDeleted(metadata),
    ports: namedPorts(spec),
    ...beside(spec),
  };
}

type Beside = Pick<Pod, 'hostPorts' | 'account' | 'mountsToken' | 'references'>;

/** What few pods have: the others do without these fields. */
function beside(spec: Raw): Beside {
  const { serviceAccountName: account, automountServiceAccountToken: mountsToken } = spec;
  const containers = runningContainers(spec);
  const hostPorts = containers.flatMap(hostPortsOf);
  const references = [...new Set(containers.flatMap(referencesIn))];
  return {
    ...(hostPorts.length > 0 ? { hostPorts } : {}),
    ...(typeof account === 'string' && account !== 'default' && account !== '' ? { account } : {}),
    ...(typeof mountsToken === 'boolean' ? { mountsToken } : {}),
    ...(references.length > 0 ? { references } : {}),
  };
}

/** A pod on its way out is an endpoint until its time is over. */
const isDeleted = (metadata: Raw): boolean =>
  typeof metadata['deletionTimestamp'] === 'string' && metadata['deletionGracePeriodSeconds'] === 0;

/** @returns the pods that a workload would make, as one; undefined when it has no template */
export function parseTemplate(raw: Raw, place: Place, owner: Owner): Pod | undefined {
  const spec = isObject(raw['spec']) ? raw['spec'] : {};
  const job =
    isObject(spec['jobTemplate']) && isObject(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec'] : spec;
  const template = job['template'];
  if (!isObject(template)) return undefined;
  const replicas = typeof spec['replicas'] === 'number' && spec['replicas'] >= 0 ? Math.floor(spec['replicas']) : 1;
  return { ...parsePod(template, place, owner, new Map()), ips: [], finished: false, replicas };
}

function podIps(status: Raw): readonly string[] {
  const list = Array.isArray(status['podIPs'])
    ? status['podIPs'].map((entry: unknown) => (isObject(entry) ? entry['ip'] : undefined))
    : [];
  return [...new Set([status['podIP'], ...list])].filter((ip): ip is string => typeof ip === 'string');
}

/** Containers, and init containers that go on running (native sidecars). */
function runningContainers(spec: Raw): readonly Raw[] {
  const { containers, initContainers } = spec;
  const all = Array.isArray(containers) ? (containers as unknown[]).filter(isObject) : [];
  if (!Array.isArray(initContainers)) return all;
  const sidecars = (initContainers as unknown[]).filter(isObject).filter((one) => one['restartPolicy'] === 'Always');
  return sidecars.length === 0 ? all : [...all, ...sidecars];
}

const portsOf = ({ ports }: Raw): readonly Raw[] => (Array.isArray(ports) ? (ports as unknown[]).filter(isObject) : []);

const protocolOf = ({ protocol }: Raw): Protocol | undefined =>
  protocols.find((known) => known === (protocol ?? 'TCP'));

function namedPorts(spec: Raw): readonly NamedPort[] {
  return runningContainers(spec)
    .flatMap(portsOf)
    .flatMap((port) => {
      const { name, containerPort } = port;
      const protocol = protocolOf(port);
      if (typeof name !== 'string' || typeof containerPort !== 'number' || !protocol) return [];
      return [{ name, protocol, port: containerPort }];
    });
}

const hostPortsOf = (container: Raw): readonly HostPort[] =>
  portsOf(container).flatMap((port) => {
    const protocol = protocolOf(port);
    const { hostPort } = port;
    return typeof hostPort === 'number' && hostPort > 0 && protocol ? [{ protocol, port: hostPort }] : [];
  });
