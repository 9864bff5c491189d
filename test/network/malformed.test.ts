// Objects that cannot be right: each is named with the place of its mistake, and the rest is judged as if it were not there.
import { describe, expect, test } from 'vitest';
import { np, problemsOf } from './malformed-given.ts';

const MB = 'x'.repeat(1024 * 1024);
const from = (peer: unknown) => ({ podSelector: {}, ingress: [{ from: [peer] }] });
const ports = (port: unknown) => ({ podSelector: {}, ingress: [{ ports: [port] }] });
const expression = (requirement: unknown) => ({ podSelector: { matchExpressions: [requirement] } });

describe('a network policy with', () => {
  test.each<[string, unknown, string]>([
    [
      'a bad CIDR',
      from({ ipBlock: { cidr: '10.0.0.0/33' } }),
      'spec.ingress[0].from[0].ipBlock.cidr: "10.0.0.0/33" is not a CIDR block',
    ],
    [
      'an address for a CIDR',
      from({ ipBlock: { cidr: '10.0.0.1' } }),
      'spec.ingress[0].from[0].ipBlock.cidr: "10.0.0.1" is an address, not a CIDR block: write 10.0.0.1/32',
    ],
    ['a block without a CIDR', from({ ipBlock: {} }), 'spec.ingress[0].from[0].ipBlock.cidr: is missing'],
    [
      'an exception outside its block',
      from({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }),
      'spec.ingress[0].from[0].ipBlock.except[0]: 11.0.0.0/16 lies outside 10.0.0.0/8',
    ],
    [
      'an exception of the other family',
      from({ ipBlock: { cidr: '0.0.0.0/0', except: ['fd00::/8'] } }),
      'spec.ingress[0].from[0].ipBlock.except[0]: fd00::/8 lies outside 0.0.0.0/0',
    ],
    ['port 70000', ports({ port: 70_000 }), 'spec.ingress[0].ports[0].port: 70000 is not a port: 1 to 65535'],
    ['port 0', ports({ port: 0 }), 'spec.ingress[0].ports[0].port: 0 is not a port: 1 to 65535'],
    ['port 1.5', ports({ port: 1.5 }), 'spec.ingress[0].ports[0].port: 1.5 is not a port: 1 to 65535'],
    ['a list for a port', ports({ port: [80] }), 'spec.ingress[0].ports[0].port: a list is not a port: 1 to 65535'],
    [
      'a port name too long',
      ports({ port: 'sixteencharacter' }),
      'spec.ingress[0].ports[0].port: a port name has 1 to 15 characters',
    ],
    [
      'endPort below port',
      ports({ port: 80, endPort: 79 }),
      'spec.ingress[0].ports[0].endPort: 79 is below the port 80',
    ],
    [
      'endPort with a named port',
      ports({ port: 'http', endPort: 90 }),
      'spec.ingress[0].ports[0].endPort: needs a port that is a number',
    ],
    ['endPort without a port', ports({ endPort: 90 }), 'spec.ingress[0].ports[0].endPort: needs a port beside it'],
    [
      'an unknown protocol',
      ports({ protocol: 'ICMP' }),
      'spec.ingress[0].ports[0].protocol: "ICMP" is not one of TCP, UDP, SCTP',
    ],
    [
      'an unknown operator',
      expression({ key: 'app', operator: 'Like', values: ['x'] }),
      'spec.podSelector.matchExpressions[0].operator: "Like" is not one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      'In without values',
      expression({ key: 'app', operator: 'In' }),
      'spec.podSelector.matchExpressions[0].values: must not be empty with In',
    ],
    [
      'Exists with values',
      expression({ key: 'app', operator: 'Exists', values: ['x'] }),
      'spec.podSelector.matchExpressions[0].values: must be empty with Exists',
    ],
    [
      'a requirement without a key',
      expression({ operator: 'Exists' }),
      'spec.podSelector.matchExpressions[0].key: is missing',
    ],
    [
      'a label value of a megabyte',
      { podSelector: { matchLabels: { app: MB } } },
      `spec.podSelector.matchLabels.app: a label value has at most 63 characters, not ${MB.length}`,
    ],
    [
      'a label key of a megabyte',
      { podSelector: { matchLabels: { [MB]: 'x' } } },
      `spec.podSelector.matchLabels.${MB.slice(0, 80)}: a label key has 1 to 317 characters, not ${MB.length}`,
    ],
    [
      'an unknown policyType of a megabyte',
      { podSelector: {}, policyTypes: [MB] },
      `spec.policyTypes[0]: "${MB.slice(0, 80)}… is neither Ingress nor Egress`,
    ],
    [
      'an unknown policyType',
      { podSelector: {}, policyTypes: ['Sideways'] },
      'spec.policyTypes[0]: "Sideways" is neither Ingress nor Egress',
    ],
    ['a text for policyTypes', { podSelector: {}, policyTypes: 'Ingress' }, 'spec.policyTypes: must be a list'],
    ['a text for spec', 'deny', 'spec: must be an object'],
    ['a list for spec', [], 'spec: must be an object'],
    ['a text for podSelector', { podSelector: 'app=db' }, 'spec.podSelector: must be an object'],
    ['an object for ingress', { podSelector: {}, ingress: {} }, 'spec.ingress: must be a list'],
    ['an object for from', { podSelector: {}, ingress: [{ from: {} }] }, 'spec.ingress[0].from: must be a list'],
    ['a text for a rule', { podSelector: {}, ingress: ['all'] }, 'spec.ingress[0]: must be an object'],
    [
      'a number for a label',
      { podSelector: { matchLabels: { app: 7 } } },
      'spec.podSelector.matchLabels.app: 7 is not a string: write it in quotes',
    ],
    [
      'true for a label',
      expression({ key: 'app', operator: 'In', values: [true] }),
      'spec.podSelector.matchExpressions[0].values[0]: true is not a string: write it in quotes',
    ],
    ...['a b', '-a', 'Exa_mple.com/a', 'a/b/c', 'a/', '/a', 'a.', `a/${'x'.repeat(64)}`].map(
      (key): [string, unknown, string] => [
        `the label key ${key}`,
        { podSelector: { matchLabels: { [key]: 'x' } } },
        `spec.podSelector.matchLabels.${key}: "${key}" is not a label key: letters, digits, -, _ and . with a letter or digit at each end, after an optional DNS name and /`,
      ],
    ),
    ...['x y', '-x', 'x.', 'ü'].map((value): [string, unknown, string] => [
      `the label value ${value}`,
      expression({ key: 'app', operator: 'NotIn', values: [value] }),
      `spec.podSelector.matchExpressions[0].values[0]: "${value}" is not a label value: letters, digits, -, _ and . with a letter or digit at each end`,
    ]),
    [
      'a port number in quotes',
      ports({ port: '80' }),
      'spec.ingress[0].ports[0].port: "80" is a string that looks like a number: write it without quotes',
    ],
    ...['HTTP', 'a--b', '1-2', '-a', 'a_b'].map((port): [string, unknown, string] => [
      `the port name ${port}`,
      ports({ port }),
      `spec.ingress[0].ports[0].port: "${port}" is not a port name: lower-case letters, digits and single dashes inside, at least one letter`,
    ]),
    [
      'an exception that leaves nothing',
      from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } }),
      'spec.ingress[0].from[0].ipBlock.except[0]: 10.0.0.0/8 is the whole of 10.0.0.0/8: nothing would be left',
    ],
    [
      'three types',
      { podSelector: {}, policyTypes: ['Ingress', 'Ingress', 'Egress'] },
      'spec.policyTypes: has 3 items; there are only two types',
    ],
    [
      'a null for a peer',
      from(null),
      'spec.ingress[0].from[0]: a peer needs podSelector, namespaceSelector or ipBlock',
    ],
    [
      'a wrong rule of the direction that it does not list',
      { podSelector: {}, policyTypes: ['Ingress'], egress: [{ ports: [{ port: 70_000 }] }] },
      'spec.egress[0].ports[0].port: 70000 is not a port: 1 to 65535',
    ],
  ])('%s', (_name, spec, problem) => {
    expect(problemsOf(np(spec))).toEqual([`shop/bad[NetworkPolicy] ${problem}`]);
  });
});

describe('policies of other kinds with', () => {
  const calico = (spec: unknown) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'g' },
    spec,
  });
  const cilium = (spec: unknown) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'c', namespace: 'shop' },
    spec,
  });
  test.each<[string, unknown, string]>([
    [
      'an unknown action',
      calico({ ingress: [{ action: 'Maybe' }] }),
      'g[GlobalNetworkPolicy] spec.ingress[0].action: "Maybe" is not one of Allow, Deny, Pass, Log',
    ],
    [
      'an unknown type',
      calico({ types: ['Both'] }),
      'g[GlobalNetworkPolicy] spec.types[0]: "Both" is neither Ingress nor Egress',
    ],
    [
      'an object for a protocol',
      calico({ ingress: [{ action: 'Allow', protocol: { toString: 1 } }] }),
      'g[GlobalNetworkPolicy] spec.ingress[0].protocol: an object is not a protocol',
    ],
    [
      'an object for a port',
      calico({ ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [{}] } }] }),
      'g[GlobalNetworkPolicy] spec.ingress[0].destination.ports[0]: an object is not a port',
    ],
    [
      'a range of ports backwards',
      calico({ ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['82:80'] } }] }),
      'g[GlobalNetworkPolicy] spec.ingress[0].destination.ports[0]: 80 is below the port 82',
    ],
    [
      'a selector that ends early',
      calico({ selector: "app == 'x' &&" }),
      'g[GlobalNetworkPolicy] spec.selector: the selector "app == \'x\' &&" cannot be read near "its end"',
    ],
    ['an order that is a text', calico({ order: 'first' }), 'g[GlobalNetworkPolicy] spec.order: must be a number'],
    [
      'a bad CIDR',
      cilium({ endpointSelector: {}, ingress: [{ fromCIDR: ['10/8'] }] }),
      'shop/c[CiliumNetworkPolicy] spec.ingress[0].fromCIDR[0]: "10/8" is not a CIDR block',
    ],
    ['a text for specs', { ...cilium(undefined), specs: 'x' }, 'shop/c[CiliumNetworkPolicy] specs: must be a list'],
  ])('%s', (_name, raw, problem) => {
    expect(problemsOf(raw)).toEqual([problem]);
  });

  const EVERYBODY = { namespaces: {} };
  const v1 = (kind: string, spec: object) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind,
    metadata: { name: 'default' },
    spec: { priority: 1, subject: EVERYBODY, ...spec },
  });
  const v2 = (spec: object) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: 'default' },
    spec: { tier: 'Admin', priority: 1, subject: EVERYBODY, ...spec },
  });
  const rule = (more: object, action = 'Deny') => ({ ingress: [{ action, from: [EVERYBODY], ...more }] });
  const both = { ...EVERYBODY, pods: { podSelector: {} } };
  test.each<[string, unknown, string]>([
    ['two subjects', v2({ subject: both }), 'spec.subject: has namespaces and pods, but only one of them is allowed'],
    ['a subject without any', v2({ subject: {} }), 'spec.subject: needs namespaces or pods'],
    [
      'pods without their selector',
      v2({ subject: { pods: { namespaceSelector: {} } } }),
      'spec.subject.pods.podSelector: is missing',
    ],
    [
      'a peer that is two',
      v2(rule({ from: [both] })),
      'spec.ingress[0].from[0]: has namespaces and pods, but only one of them is allowed',
    ],
    [
      'a peer that is nobody',
      v2(rule({ from: [{}] })),
      'spec.ingress[0].from[0]: a peer needs namespaces, pods or another field that says who it is',
    ],
    [
      'networks beside namespaces',
      v2({ egress: [{ action: 'Deny', to: [{ ...EVERYBODY, networks: ['10.0.0.0/8'] }] }] }),
      'spec.egress[0].to[0]: has namespaces and networks, but only one of them is allowed',
    ],
    [
      'no network',
      v2({ egress: [{ action: 'Deny', to: [{ networks: [] }] }] }),
      'spec.egress[0].to[0].networks: must name at least one CIDR block',
    ],
    ['a rule without peers', v2({ egress: [{ action: 'Deny' }] }), 'spec.egress[0].to: must name at least one peer'],
    ['Allow in v1alpha2', v2(rule({}, 'Allow')), 'spec.ingress[0].action: "Allow" is not one of Accept, Deny, Pass'],
    [
      'Accept in v1alpha1',
      v1('AdminNetworkPolicy', rule({}, 'Accept')),
      'spec.ingress[0].action: "Accept" is not one of Allow, Deny, Pass',
    ],
    [
      'Pass in the baseline of v1alpha1',
      v1('BaselineAdminNetworkPolicy', rule({}, 'Pass')),
      'spec.ingress[0].action: "Pass" is not one of Allow, Deny',
    ],
    [
      'a port that is two',
      v1('AdminNetworkPolicy', rule({ ports: [{ portNumber: { port: 80 }, portRange: { start: 1, end: 2 } }] })),
      'spec.ingress[0].ports[0]: has portNumber and portRange, but only one of them is allowed',
    ],
    [
      'a protocol that is two',
      v2(rule({ protocols: [{ tcp: { destinationPort: { number: 80 } }, udp: { destinationPort: { number: 80 } } }] })),
      'spec.ingress[0].protocols[0]: has tcp and udp, but only one of them is allowed',
    ],
    [
      'a number beside a range',
      v2(rule({ protocols: [{ tcp: { destinationPort: { number: 80, range: { start: 1, end: 2 } } } }] })),
      'spec.ingress[0].protocols[0].tcp.destinationPort: has number and range, but only one of them is allowed',
    ],
    [
      'a protocol without a port',
      v2(rule({ protocols: [{ tcp: {} }] })),
      'spec.ingress[0].protocols[0].tcp.destinationPort: is missing',
    ],
    ['no protocol', v2(rule({ protocols: [] })), 'spec.ingress[0].protocols: must name at least one protocol'],
    [
      'ports in v1alpha2',
      v2(rule({ ports: [{ portNumber: { port: 80 } }] })),
      'spec.ingress[0].ports: is not a field of ClusterNetworkPolicy: there it is protocols',
    ],
  ])('an admin policy with %s is refused as the API server refuses it', (_name, raw, problem) => {
    const { kind } = raw as { kind: string };
    expect(problemsOf(raw)).toEqual([`default[${kind}] ${problem}`]);
  });

  test.each(['(', '!'])('a selector nested a million times by %s is refused', (sign) => {
    expect(problemsOf(calico({ selector: sign.repeat(1_000_000) }))).toEqual([
      'g[GlobalNetworkPolicy] spec.selector: is nested too deeply',
    ]);
  });
});

describe('an object without a name is known by its place:', () => {
  test.each<[string, unknown, string]>([
    ['a null', null, '#1[Object] kind'],
    ['a text', 'x', '#1[Object] kind'],
    ['no kind', { apiVersion: 'v1', metadata: { name: 'x' } }, '#1[Object] kind'],
    ['no apiVersion', { kind: 'Pod', metadata: { name: 'x' } }, '#1[Pod] apiVersion'],
    ['no metadata', { kind: 'Pod', apiVersion: 'v1' }, '#1[Pod] metadata'],
    ['no name', { ...np({}), metadata: { namespace: 'shop' } }, '#1[NetworkPolicy] metadata.name'],
    ['an empty name', { ...np({}), metadata: { name: '' } }, '#1[NetworkPolicy] metadata.name'],
    ['a name of a megabyte', { ...np({}), metadata: { name: MB } }, '#1[NetworkPolicy] metadata.name'],
    [
      'a list for its namespace',
      { ...np({}), metadata: { name: 'x', namespace: [] } },
      '#1[NetworkPolicy] metadata.namespace',
    ],
  ])('%s', (_name, raw, place) => {
    expect(problemsOf(raw)).toEqual([
      `${place}: an object needs kind, apiVersion and a name of at most 253 characters`,
    ]);
  });
});
