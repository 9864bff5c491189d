// A small world for every gotcha: namespaces a and b with a pod web and a pod db each, and what the test adds as YAML.
import { parseAllDocuments } from 'yaml';
import { auditCluster } from '../../../shared/audit/audit.ts';
import { parseCluster } from '../../../shared/estate/parse-cluster.ts';
import type { Connectivity, EngineProfile } from '../../../shared/network/index.ts';
import {
  between,
  compile,
  connectionsOf,
  findWorkload,
  formatConnection,
  parseObjects,
  withAtom,
} from '../../../shared/network/index.ts';
import { findAtom, parseIp } from '../../../shared/network/ip.ts';
import type { ClusterObjects, Direction } from '../../../shared/network/objects.ts';
import { refName } from '../../../shared/network/objects.ts';

export interface World {
  readonly net: Connectivity;
  /** Every connection, as the lines of `npm run connectivity`. */
  readonly lines: readonly string[];
  /** What one may send to the other, each `NAMESPACE/POD` or an address: `All Connections`, `TCP 80`, `nothing`. */
  readonly talks: (from: string, to: string) => string;
  /** Directions in which a pod's connections are decided only at run time. */
  readonly runTime: (pod: string) => readonly Direction[];
  /** `OBJECT PATH: MESSAGE` of what could not be understood. */
  readonly problems: readonly string[];
  /** `OBJECT: REASON` of what the engine does not enforce. */
  readonly inert: readonly string[];
}

const cast = `
  kind: Namespace
  metadata: { name: a, labels: { team: red } }
  ---
  kind: Namespace
  metadata: { name: b, labels: { team: blue } }
  ---
  kind: Pod
  metadata: { name: web, namespace: a, labels: { app: web } }
  spec: { containers: [{ ports: [{ name: http, containerPort: 8080 }] }] }
  status: { podIP: 10.0.1.1 }
  ---
  kind: Pod
  metadata: { name: db, namespace: a, labels: { app: db } }
  spec: { containers: [{ ports: [{ name: sql, containerPort: 5432 }] }] }
  status: { podIP: 10.0.1.2 }
  ---
  kind: Pod
  metadata: { name: web, namespace: b, labels: { app: web } }
  spec: { containers: [{ ports: [{ name: http, containerPort: 80 }] }] }
  status: { podIP: 10.0.2.1 }
  ---
  kind: Pod
  metadata: { name: db, namespace: b, labels: { app: db } }
  status: { podIP: 10.0.2.2 }
`;

/** What a manifest means that leaves its apiVersion out. */
const versions: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  AdminNetworkPolicy: 'policy.networking.k8s.io/v1alpha1',
  BaselineAdminNetworkPolicy: 'policy.networking.k8s.io/v1alpha1',
  ClusterNetworkPolicy: 'policy.networking.k8s.io/v1alpha2',
  CiliumNetworkPolicy: 'cilium.io/v2',
  CiliumClusterwideNetworkPolicy: 'cilium.io/v2',
  CiliumCIDRGroup: 'cilium.io/v2',
  GlobalNetworkPolicy: 'projectcalico.org/v3',
  Tier: 'projectcalico.org/v3',
  NetworkSet: 'projectcalico.org/v3',
  GlobalNetworkSet: 'projectcalico.org/v3',
};

function documents(text: string): unknown[] {
  return parseAllDocuments(text.replaceAll(/^ +---$/gm, '---')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const raw = document.toJS() as { kind: string };
    return { apiVersion: versions[raw.kind] ?? 'v1', ...raw };
  });
}

/** @param text manifests beside the cast; `apiVersion` may be left out where the kind tells it */
export const objectsOf = (text: string): ClusterObjects => parseObjects(documents(`${cast}\n---\n${text}`)).objects;

export function given(text: string, profile: EngineProfile = { engine: 'calico' }): World {
  const net = compile(objectsOf(text), profile);
  const classOf = (pod: string): number => {
    const [workload, ...others] = findWorkload(net, pod);
    if (!workload || others.length > 0 || workload.classes.length !== 1) throw new Error(`${pod} is not one pod`);
    return workload.classes[0]!;
  };
  const ports = (from: string, to: string): number => {
    const [source, destination] = [parseIp(from), parseIp(to)];
    if (destination !== undefined) return withAtom(net, 'egress', classOf(from), findAtom(net.atoms, destination));
    if (source !== undefined) return withAtom(net, 'ingress', classOf(to), findAtom(net.atoms, source));
    return between(net, classOf(from), classOf(to));
  };
  return {
    net,
    lines: connectionsOf(net).map(formatConnection),
    talks: (from, to) => net.ports.format(ports(from, to)) || 'nothing',
    runTime: (pod) =>
      (['ingress', 'egress'] as const).filter((direction) => net[direction].conditional.has(classOf(pod))),
    problems: net.objects.problems.map(({ ref, path, message }) => `${refName(ref)} ${path}: ${message}`),
    inert: net.inert.map(({ ref, reason }) => `${refName(ref)}: ${reason}`),
  };
}

const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/one';

/**
 * @param properties of the cluster's ARM body
 * @returns `SUBJECT VERDICT` of one rule, on the cast and what the test adds
 */
export function judged(rule: string, properties: unknown, text = ''): readonly string[] {
  const listed = parseCluster({ id: ID, properties });
  if ('problem' in listed) throw new Error(listed.problem);
  const objects = text === '' ? parseObjects(documents(cast)).objects : objectsOf(text);
  const { findings } = auditCluster({
    cluster: listed.cluster,
    inCluster: { status: 'read', objects, forbiddenKinds: [] },
    now: new Date('2026-11-21T00:00:00Z'),
    excludedNamespaces: ['kube-system'],
  });
  return findings.filter((finding) => finding.rule === rule).map(({ subject, verdict }) => `${subject} ${verdict}`);
}

/** ARM bodies of clusters with each engine. */
export const arm = {
  npm: { networkProfile: { networkPlugin: 'azure', networkPolicy: 'azure' } },
  calico: { networkProfile: { networkPlugin: 'azure', networkPolicy: 'calico' } },
  cilium: { networkProfile: { networkPlugin: 'azure', networkPolicy: 'cilium', networkDataplane: 'cilium' } },
  none: { networkProfile: { networkPlugin: 'azure', networkPolicy: 'none' } },
};
