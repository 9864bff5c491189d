// The fields of every kind of policy, as their API definitions have them.
import type { Shape } from './fields.ts';

const any = 'anything';
const selector: Shape = { matchLabels: any, matchExpressions: { key: any, operator: any, values: any } };
const object = (spec: Shape, more: Record<string, Shape> = {}): Shape => ({
  apiVersion: any,
  kind: any,
  metadata: any,
  status: any,
  spec,
  ...more,
});

/** Kubernetes, staging/src/k8s.io/api/networking/v1/types.go. */
function networkPolicy(): Shape {
  const ports: Shape = { protocol: any, port: any, endPort: any };
  const peers: Shape = {
    podSelector: selector,
    namespaceSelector: selector,
    ipBlock: { cidr: any, except: any },
  };
  return object({
    podSelector: selector,
    policyTypes: any,
    ingress: { from: peers, ports },
    egress: { to: peers, ports },
  });
}

/** kubernetes-sigs/network-policy-api, apis/v1alpha1 and apis/v1alpha2, experimental fields included. */
function adminPolicy(rulePorts: Record<string, Shape>, spec: Record<string, Shape>): Shape {
  const subject: Shape = {
    namespaces: selector,
    pods: { namespaceSelector: selector, podSelector: selector },
  };
  const rule: Record<string, Shape> = { name: any, action: any, ...rulePorts };
  return object({
    ...spec,
    subject,
    ingress: { ...rule, from: subject },
    egress: { ...rule, to: { ...subject, nodes: selector, networks: any, domainNames: any } },
  });
}
const v1alpha1Ports: Record<string, Shape> = {
  ports: {
    portNumber: { port: any, protocol: any },
    portRange: { start: any, end: any, protocol: any },
    namedPort: any,
  },
};
const numbered: Shape = { destinationPort: { number: any, range: { start: any, end: any } } };
const v1alpha2Ports: Record<string, Shape> = {
  protocols: { tcp: numbered, udp: numbered, sctp: numbered, destinationNamedPort: any },
};

/** cilium/cilium, pkg/k8s/apis/cilium.io/client/crds/v2; `order`, `tier` and `priority` are of versions to come. */
function ciliumPolicy(): Shape {
  const port: Shape = { port: any, endPort: any, protocol: any };
  const toPorts: Shape = {
    ports: port,
    rules: any,
    serverNames: any,
    listener: any,
    terminatingTLS: any,
    originatingTLS: any,
  };
  const cidrSet: Shape = { cidr: any, cidrGroupRef: any, cidrGroupSelector: selector, except: any };
  const common: Record<string, Shape> = { icmps: any, authentication: { mode: any }, toPorts };
  const ingress: Shape = {
    ...common,
    fromEndpoints: selector,
    fromRequires: selector,
    fromCIDR: any,
    fromCIDRSet: cidrSet,
    fromEntities: any,
    fromGroups: any,
    fromNodes: selector,
  };
  const egress: Shape = {
    ...common,
    toEndpoints: selector,
    toRequires: selector,
    toCIDR: any,
    toCIDRSet: cidrSet,
    toEntities: any,
    toFQDNs: { matchName: any, matchPattern: any },
    toServices: any,
    toGroups: any,
    toNodes: selector,
  };
  const spec: Shape = {
    endpointSelector: selector,
    nodeSelector: selector,
    ingress,
    ingressDeny: ingress,
    egress,
    egressDeny: egress,
    enableDefaultDeny: { ingress: any, egress: any },
    labels: any,
    log: any,
    description: any,
    order: any,
    tier: any,
    priority: any,
  };
  return object(spec, { specs: spec });
}

/** projectcalico/calico, api/pkg/apis/projectcalico/v3; `domains` is of its enterprise edition. */
function calicoPolicy(): Shape {
  const entity: Shape = {
    nets: any,
    notNets: any,
    selector: any,
    notSelector: any,
    namespaceSelector: any,
    ports: any,
    notPorts: any,
    serviceAccounts: { names: any, selector: any },
    services: { name: any, namespace: any },
    domains: any,
  };
  const icmp: Shape = { type: any, code: any };
  const rule: Shape = {
    action: any,
    ipVersion: any,
    protocol: any,
    notProtocol: any,
    icmp,
    notICMP: icmp,
    source: entity,
    destination: entity,
    http: any,
    metadata: any,
  };
  return object({
    tier: any,
    order: any,
    selector: any,
    namespaceSelector: any,
    serviceAccountSelector: any,
    types: any,
    ingress: rule,
    egress: rule,
    doNotTrack: any,
    preDNAT: any,
    applyOnForward: any,
    performanceHints: any,
  });
}

export const shapes = {
  NetworkPolicy: networkPolicy(),
  AdminNetworkPolicy: adminPolicy(v1alpha1Ports, { priority: any }),
  BaselineAdminNetworkPolicy: adminPolicy(v1alpha1Ports, {}),
  ClusterNetworkPolicy: adminPolicy(v1alpha2Ports, { tier: any, priority: any }),
  cilium: ciliumPolicy(),
  calico: calicoPolicy(),
} as const satisfies Record<string, Shape>;
