// A policy that cannot be understood casts doubt only where it could reach: its subject, namespace and directions, as far as they can be read.
import { describe, expect, test } from 'vitest';
import { mayGovern } from '../../../shared/network/index.ts';
import { directions } from '../../../shared/network/objects.ts';
import { arm, judged, objectsOf } from './given.ts';

/** @returns `POD DIRECTION` of what a policy may govern that was left out */
function doubted(text: string): readonly string[] {
  const { namespaces, pods, problems } = objectsOf(text);
  expect(problems).toHaveLength(1);
  return pods.flatMap(({ namespace: name, name: pod, labels }) => {
    const namespace = namespaces.find((known) => known.name === name)!;
    return directions
      .filter((direction) => mayGovern(problems[0]!, { namespace, labels, direction }))
      .map((direction) => `${name}/${pod} ${direction}`);
  });
}

const cilium = (spec: string) => `
  kind: CiliumClusterwideNetworkPolicy
  metadata: { name: g }
  spec: { ${spec} }
`;
const calico = (spec: string) => `
  kind: GlobalNetworkPolicy
  metadata: { name: g }
  spec: { ${spec} }
`;
const admin = (spec: string) => `
  kind: ClusterNetworkPolicy
  metadata: { name: g }
  spec: { ${spec} }
`;
const plain = (spec: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { ${spec} }
`;
const everybody = ['a/web', 'a/db', 'b/web', 'b/db'].flatMap((pod) => [`${pod} ingress`, `${pod} egress`]);

describe('doubt about a policy that cannot be understood', () => {
  test.each([
    [
      'Cilium: ends at its selector and its sections',
      cilium('endpointSelector: { matchLabels: { app: db } }, ingress: [{ fromEntities: [martians] }]'),
      ['a/db ingress', 'b/db ingress'],
    ],
    [
      'Cilium: a selector that cannot be read stands for everybody',
      cilium('endpointSelector: { matchExpressions: [{ key: app, operator: Like }] }, egress: [{}]'),
      everybody.filter((line) => line.endsWith('egress')),
    ],
    [
      'Cilium: what of a selector the objects do not tell is left out of it',
      cilium(
        'endpointSelector: { matchLabels: { app: web, io.cilium.k8s.policy.serviceaccount: robot } }, egress: [{}]',
      ),
      ['a/web egress', 'b/web egress'],
    ],
    ['Cilium: one without a selector governs nobody', cilium('ingress: [{}]'), []],
    [
      'Cilium: that of hosts governs no pod',
      cilium('nodeSelector: {}, endpointSelector: null, order: 5').replace('Clusterwide', ''),
      [],
    ],
    [
      'Calico: ends at its selectors and its types',
      calico("selector: app == 'db', namespaceSelector: team == 'red', ingress: [{ action: Maybe }]"),
      ['a/db ingress'],
    ],
    [
      'Calico: a selector that cannot be read stands for everybody',
      calico('selector: "app ==", types: [Egress]'),
      everybody.filter((line) => line.endsWith('egress')),
    ],
    [
      'admin policies: end at their subject and sections',
      admin('tier: Admin, priority: 5000, subject: { namespaces: { matchLabels: { team: red } } }, egress: []'),
      ['a/web egress', 'a/db egress'],
    ],
    [
      'admin policies: without a subject, everybody',
      admin('tier: Admin, priority: 1, ingress: [], egress: []'),
      everybody,
    ],
    [
      'network policies: end at their namespace, selector and types',
      plain('podSelector: { matchLabels: { app: web } }, ingress: [{ ports: [{ port: 70000 }] }]'),
      ['a/web ingress'],
    ],
    [
      'network policies: types that cannot be read stand for both',
      plain('podSelector: { matchLabels: { app: web } }, policyTypes: [Sideways]'),
      ['a/web ingress', 'a/web egress'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(doubted(text)).toEqual(expected);
  });

  test('leaves what it cannot reach judged', () => {
    const text = cilium(
      'endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": a } }, order: 5, ingress: [{}]',
    );
    expect(judged('pod-isolated', arm.cilium, text).toSorted()).toEqual([
      'workload/a/db[Pod] unknown',
      'workload/a/web[Pod] unknown',
      'workload/b/db[Pod] fail',
      'workload/b/web[Pod] fail',
    ]);
  });

  test('about a policy that the engine does not know changes nothing', () => {
    expect(judged('pod-isolated', arm.calico, cilium('endpointSelector: {}, order: 5, ingress: [{}]'))).toContain(
      'workload/a/db[Pod] fail',
    );
  });
});

describe('a policy that selects reserved identities', () => {
  test.each([
    [
      'health checks',
      'endpointSelector: { matchLabels: { "reserved:health": "" } }, ingress: [{ fromEntities: [remote-node] }]',
    ],
    ['pods without labels yet', 'endpointSelector: { matchLabels: { "reserved:init": "" } }, ingress: [{}]'],
    ['the same, as later versions write it', 'endpointSelector: { matchLabels: { reserved.init: "" } }, ingress: [{}]'],
    ['the same, in short', 'endpointSelector: { matchLabels: { $init: "" } }, ingress: [{}]'],
  ])('governs no pod, and casts no doubt: %s', (_name, spec) => {
    const { problems } = objectsOf(cilium(spec));
    expect(problems).toEqual([]);
    expect(judged('pod-isolated', arm.cilium, cilium(spec))).toEqual(judged('pod-isolated', arm.cilium));
  });
});
