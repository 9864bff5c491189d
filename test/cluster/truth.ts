// What the test creates, and what is true of it under each engine: known beforehand, and not by asking Bulkhead.
import type { KubeObject } from '../../infra/local/kubernetes/object.ts';

export const engines = ['cilium', 'calico', 'azure', 'none'] as const;
export type TestEngine = (typeof engines)[number];

export interface Case {
  /** Ends the name of a namespace, in which one pod stands. */
  readonly name: string;
  /** Policies that close the pod in both directions. */
  readonly policies: (namespace: string) => readonly KubeObject[];
  /** The engines under which it is closed for other pods: everybody else ignores these kinds. */
  readonly closedUnder: readonly TestEngine[];
}

const everybody: readonly TestEngine[] = ['cilium', 'calico', 'azure'];

const policy = (apiVersion: string, kind: string, namespace: string, spec: unknown): readonly KubeObject[] => [
  { apiVersion, kind, metadata: { name: 'close', namespace }, spec },
];
const clusterWide = (apiVersion: string, kind: string, namespace: string, spec: unknown): readonly KubeObject[] => [
  { apiVersion, kind, metadata: { name: namespace }, spec },
];
const types = ['Ingress', 'Egress'];

export const cases: readonly Case[] = [
  { name: 'open', policies: () => [], closedUnder: [] },
  {
    name: 'plain',
    policies: (namespace) =>
      policy('networking.k8s.io/v1', 'NetworkPolicy', namespace, { podSelector: {}, policyTypes: types }),
    closedUnder: everybody,
  },
  {
    name: 'other-pod',
    policies: (namespace) =>
      policy('networking.k8s.io/v1', 'NetworkPolicy', namespace, {
        podSelector: { matchLabels: { app: 'somebody-else' } },
        policyTypes: types,
      }),
    closedUnder: [],
  },
  {
    name: 'cilium',
    policies: (namespace) =>
      policy('cilium.io/v2', 'CiliumNetworkPolicy', namespace, { endpointSelector: {}, ingress: [{}], egress: [{}] }),
    closedUnder: ['cilium'],
  },
  {
    name: 'cilium-wide',
    policies: (namespace) =>
      clusterWide('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', namespace, {
        endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace } },
        ingress: [{}],
        egress: [{}],
      }),
    closedUnder: ['cilium'],
  },
  {
    name: 'calico',
    policies: (namespace) =>
      policy('crd.projectcalico.org/v1', 'NetworkPolicy', namespace, { selector: 'all()', types }),
    closedUnder: ['calico'],
  },
  {
    name: 'calico-wide',
    policies: (namespace) =>
      clusterWide('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', namespace, {
        namespaceSelector: `bulkhead-test == '${namespace}'`,
        types,
      }),
    closedUnder: ['calico'],
  },
  {
    name: 'admin',
    policies: (namespace) =>
      clusterWide('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', namespace, {
        priority: 907,
        subject: { namespaces: { matchLabels: { 'bulkhead-test': namespace } } },
        ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
        egress: [{ action: 'Deny', to: [{ namespaces: {} }] }],
      }),
    closedUnder: ['calico'],
  },
];

export const namespaceOf = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'bulkhead-test': name } },
});

/** Pods that no scheduler takes: they stay as they are on a cluster with nodes as well. */
export const podOf = (namespace: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    schedulerName: 'bulkhead-test',
    containers: [
      { name: 'main', image: 'example.org/none', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] },
    ],
    ...more,
  },
});

/** Pods of other sorts, which stand in the namespace `open`. */
export const otherPods = (namespace: string): readonly KubeObject[] => [
  podOf(namespace, 'meshed', {
    initContainers: [
      { name: 'setup', image: 'example.org/none', ports: [{ name: 'setup', containerPort: 9 }] },
      {
        name: 'proxy',
        image: 'example.org/none',
        restartPolicy: 'Always',
        ports: [{ name: 'proxy', containerPort: 15001 }],
      },
    ],
  }),
  podOf(namespace, 'host', { hostNetwork: true, containers: [{ name: 'main', image: 'example.org/none' }] }),
  podOf(namespace, 'succeeded'),
  podOf(namespace, 'failed'),
];
