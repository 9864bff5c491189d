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
      'spec.podSelector.matchLabels.app: must be a text',
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
      'g[GlobalNetworkPolicy] spec.ingress[0].protocol: an object is no protocol',
    ],
    [
      'an object for a port',
      calico({ ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [{}] } }] }),
      'g[GlobalNetworkPolicy] spec.ingress[0].destination.ports[0]: an object is no port',
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
