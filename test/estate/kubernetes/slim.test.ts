// Cutting an object down never changes what it means: the parser gets the same out of the whole one and of the slim one.
import { describe, expect, test } from 'vitest';
import { slimmer } from '../../../shared/estate/kubernetes/slim.ts';
import { parseObjects } from '../../../shared/network/parse/parse.ts';

const metadata = {
  name: 'x',
  namespace: 'web',
  labels: { app: 'web', 'pod-template-hash': 'abc' },
  annotations: { 'bulkhead.io/exempt': 'team-a' },
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', controller: true, uid: 'u' }],
  managedFields: [{ manager: 'kubelet' }],
};
const cilium = {
  endpointSelector: { matchLabels: { app: 'web' } },
  ingress: [{ fromEndpoints: [{}] }],
  egressDeny: [{ toEntities: ['world'] }],
};
const pods = { podSelector: { matchLabels: { app: 'web' } } };

const samples: readonly (readonly [string, string, string, object])[] = [
  ['a namespace', 'Namespace', 'v1', {}],
  [
    'a pod with named ports and a native sidecar',
    'Pod',
    'v1',
    {
      spec: {
        hostNetwork: true,
        containers: [{ name: 'a', ports: [{ name: 'http', containerPort: 80 }] }, { name: 'b' }],
        initContainers: [
          { name: 'side', restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 15_001 }] },
          { name: 'once', ports: [{ name: 'never', containerPort: 1 }] },
        ],
      },
      status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
    },
  ],
  [
    'a pod that is gone but for its name',
    'Pod',
    'v1',
    {
      metadata: { ...metadata, deletionTimestamp: '2026-11-21T10:00:00Z', deletionGracePeriodSeconds: 0 },
      spec: { containers: [] },
      status: { phase: 'Running' },
    },
  ],
  [
    'a service',
    'Service',
    'v1',
    {
      metadata: {
        ...metadata,
        annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
      },
      spec: {
        type: 'NodePort',
        selector: { app: 'web' },
        externalTrafficPolicy: 'Local',
        ports: [{ name: 'http', port: 80, targetPort: 'web', nodePort: 30_080 }],
        externalIPs: ['203.0.113.7'],
        loadBalancerSourceRanges: ['203.0.113.0/24'],
      },
    },
  ],
  [
    'a pod with an account, a port on its node and hosts to call',
    'Pod',
    'v1',
    {
      spec: {
        serviceAccountName: 'web',
        automountServiceAccountToken: false,
        containers: [
          { name: 'a', ports: [{ containerPort: 80, hostPort: 80 }], env: [{ name: 'DB_HOST', value: 'db' }] },
          { name: 'b', args: ['--cache=http://me:secret@cache.shop:6379/0'] },
        ],
      },
      status: { phase: 'Running' },
    },
  ],
  [
    'an ingress',
    'Ingress',
    'networking.k8s.io/v1',
    { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  ],
  [
    'a gateway',
    'Gateway',
    'gateway.networking.k8s.io/v1',
    {
      spec: { infrastructure: { annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' } } },
    },
  ],
  [
    'a route',
    'HTTPRoute',
    'gateway.networking.k8s.io/v1',
    { spec: { parentRefs: [{ name: 'public' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] } },
  ],
  ['a service account', 'ServiceAccount', 'v1', { automountServiceAccountToken: false, secrets: [{ name: 's' }] }],
  [
    'a role binding',
    'RoleBinding',
    'rbac.authorization.k8s.io/v1',
    { subjects: [{ kind: 'ServiceAccount', name: 'web' }], roleRef: { kind: 'Role', name: 'r' } },
  ],
  [
    'the endpoints of the API server',
    'EndpointSlice',
    'discovery.k8s.io/v1',
    {
      metadata: { ...metadata, namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      endpoints: [{ addresses: ['10.224.0.4'] }],
      ports: [{ port: 443 }],
    },
  ],
  ['a policy', 'NetworkPolicy', 'networking.k8s.io/v1', { spec: { ...pods, egress: [{}], policyTypes: ['Egress'] } }],
  ['a Cilium policy with one spec', 'CiliumNetworkPolicy', 'cilium.io/v2', { spec: cilium }],
  ['a Cilium policy with several specs', 'CiliumNetworkPolicy', 'cilium.io/v2', { specs: [cilium, cilium] }],
  ['a cluster-wide Cilium policy with specs', 'CiliumClusterwideNetworkPolicy', 'cilium.io/v2', { specs: [cilium] }],
  ['a Calico policy', 'GlobalNetworkPolicy', 'crd.projectcalico.org/v1', { spec: { selector: 'all()' } }],
  ['a Calico tier', 'Tier', 'crd.projectcalico.org/v1', { spec: { order: 100, defaultAction: 'Pass' } }],
  ['a network set', 'NetworkSet', 'crd.projectcalico.org/v1', { spec: { nets: ['203.0.113.0/24'] } }],
  [
    'an admin policy',
    'AdminNetworkPolicy',
    'policy.networking.k8s.io/v1alpha1',
    { spec: { priority: 5, subject: { namespaces: {} }, ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] } },
  ],
];

const parse = (raw: unknown) => parseObjects([raw], { throughReplicaSets: true });
/** Compiled selectors are functions, and no two of them are equal. */
const asData = ({ objects, skipped }: ReturnType<typeof parse>): string => JSON.stringify([objects, [...skipped]]);

describe('the parser gets the same out of', () => {
  test.each(samples)('%s', (_name, kind, apiVersion, body) => {
    const whole = { kind, apiVersion, metadata, ...body };
    const { objects, skipped } = parse(whole);
    expect(asData(parse(slimmer(kind, apiVersion)(whole)))).toBe(asData({ objects, skipped }));
    expect(objects.problems).toEqual([]);
  });
});

test('what nothing depends on is dropped', () => {
  const manifest = { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}' };
  const policy = {
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...manifest } },
    spec: pods,
    status: { x: 1 },
  };
  const text = JSON.stringify(slimmer('NetworkPolicy', 'networking.k8s.io/v1')(policy));
  expect(text).not.toMatch(/last-applied|managedFields|status/);
  expect(text).toContain('team-a');
});

test('of settings and arguments nothing but the hosts is kept', () => {
  const env = [
    { name: 'DB', value: 'postgres://me:hunter2@db.shop:5432/x?key=hunter3' },
    { name: 'DB_PASSWORD', value: 'hunter4:22' },
  ];
  const pod = { metadata, spec: { containers: [{ name: 'a', env, args: ['--token', 'hunter5', '--to=cart:80'] }] } };
  const text = JSON.stringify(slimmer('Pod', 'v1')(pod));
  expect(text).not.toContain('hunter');
  expect(text).toContain('postgres://db.shop:5432');
  expect(text).toContain('any://cart:80');
});
