// networking.k8s.io/v1, what may pass: every row of the gotcha table about addresses, ports, and both sides of a connection.
import { describe, expect, test } from 'vitest';
import { arm, given, judged } from './given.ts';

const ALL = 'All Connections';

/** A policy on every pod of namespace a that admits what one rule says. */
const ingress = (rule: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { podSelector: {}, ingress: [${rule}] }
`;
const egress = (rule: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { podSelector: {}, egress: [${rule}], policyTypes: [Egress] }
`;

describe('address blocks', () => {
  test('an ipBlock stands alone in its peer', () => {
    const { problems } = given(ingress('{ from: [{ ipBlock: { cidr: 10.0.0.0/8 }, podSelector: {} }] }'));
    expect(problems).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].from[0]: ipBlock cannot be combined with a selector in one peer',
    ]);
  });

  test('an exception lies inside its block, and is cut out of it', () => {
    const { talks } = given(ingress('{ from: [{ ipBlock: { cidr: 8.8.0.0/16, except: [8.8.8.0/24] } }] }'));
    expect(['8.8.7.1', '8.8.8.8', '8.8.9.1', '8.9.0.1'].map((ip) => talks(ip, 'a/db'))).toEqual([
      ALL,
      'nothing',
      ALL,
      'nothing',
    ]);
    const outside = given(ingress('{ from: [{ ipBlock: { cidr: 8.8.0.0/16, except: [9.9.9.0/24] } }] }'));
    expect(outside.problems).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].from[0].ipBlock.except[0]: 9.9.9.0/24 lies outside 8.8.0.0/16',
    ]);
  });

  test.each([
    ['azure', ALL],
    ['calico', ALL],
    ['cilium', 'nothing'],
  ] as const)('whether a block means pods by their address depends on the engine: %s', (engine, expected) => {
    const { talks } = given(ingress('{ from: [{ ipBlock: { cidr: 10.0.2.0/24 } }] }'), { engine });
    expect(talks('b/web', 'a/db')).toBe(expected);
  });

  test('a block that covers pods is pointed out, for it should mean what is outside', () => {
    const text = ingress('{ from: [{ ipBlock: { cidr: 10.0.2.1/32 } }] }');
    expect(judged('no-pod-ip', arm.calico, text)).toEqual(['policy/a/p[NetworkPolicy] fail']);
  });

  test('the blocks of IPv4 and of IPv6 are apart: 0.0.0.0/0 does not cover ::/0', () => {
    const only4 = given(
      `${ingress('{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }')}
      ---
      kind: NetworkPolicy
      metadata: { name: six, namespace: b }
      spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '::/0' } }] }] }`,
    );
    expect([only4.talks('8.8.8.8', 'a/db'), only4.talks('2001:db8::1', 'a/db')]).toEqual([ALL, 'nothing']);
    expect([only4.talks('8.8.8.8', 'b/db'), only4.talks('2001:db8::1', 'b/db')]).toEqual(['nothing', ALL]);
  });

  test('a pod of two families is meant by either address', () => {
    const text = `
      kind: Pod
      metadata: { name: dual, namespace: b }
      status: { podIP: 10.0.2.9, podIPs: [{ ip: 10.0.2.9 }, { ip: 'fd00::9' }] }
      ---
      ${ingress("{ from: [{ ipBlock: { cidr: 'fd00::/64' } }] }")}
    `;
    const { talks } = given(text);
    expect([talks('b/dual', 'a/db'), talks('b/web', 'a/db')]).toEqual([ALL, 'nothing']);
  });

  test('the address of a service in a block means none of the pods behind it', () => {
    const { talks } = given(`
      kind: Service
      metadata: { name: db, namespace: b }
      spec: { selector: { app: db }, clusterIP: 10.100.0.7, ports: [{ port: 80 }] }
      ---
      ${egress('{ to: [{ ipBlock: { cidr: 10.100.0.7/32 } }] }')}
    `);
    expect([talks('a/web', 'b/db'), talks('a/web', '10.100.0.7')]).toEqual(['nothing', ALL]);
  });
});

describe('ports', () => {
  test.each(['', 'ports: []', 'ports: null'])('a rule without ports (%s) means every port and protocol', (ports) => {
    expect(given(ingress(`{ ${ports} }`)).talks('b/web', 'a/db')).toBe(ALL);
  });

  test('an empty port means every TCP port, one with a protocol alone every port of it', () => {
    expect(given(ingress('{ ports: [{}] }')).talks('b/web', 'a/db')).toBe('TCP 1-65535');
    expect(given(ingress('{ ports: [{ protocol: UDP }] }')).talks('b/web', 'a/db')).toBe('UDP 1-65535');
  });

  test('every port of all three protocols is everything that is modelled: other protocols are undefined', () => {
    const { talks } = given(ingress('{ ports: [{ protocol: TCP }, { protocol: UDP }, { protocol: SCTP }] }'));
    expect(talks('b/web', 'a/db')).toBe(ALL);
    expect(given(ingress('{ ports: [{ protocol: ICMP }] }')).problems).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].ports[0].protocol: "ICMP" is not one of TCP, UDP, SCTP',
    ]);
  });

  test('a named port of an ingress rule is what each selected pod calls so, and nothing where none does', () => {
    const { talks } = given(ingress('{ ports: [{ port: http }] }'));
    expect([talks('b/web', 'a/web'), talks('b/web', 'a/db')]).toEqual(['TCP 8080', 'nothing']);
  });

  test('a named port of an egress rule differs from destination to destination', () => {
    const { talks } = given(egress('{ ports: [{ port: http }] }'));
    expect(['a/web', 'b/web', 'b/db', '8.8.8.8'].map((to) => talks('a/db', to))).toEqual([
      'TCP 8080',
      'TCP 80',
      'nothing',
      'nothing',
    ]);
  });

  test('a named port must be of the protocol too', () => {
    expect(given(ingress('{ ports: [{ protocol: UDP, port: http }] }')).talks('b/web', 'a/web')).toBe('nothing');
  });

  test('init containers that go on running declare ports, those that end do not', () => {
    const { talks } = given(`
      kind: Pod
      metadata: { name: mesh, namespace: a }
      spec:
        initContainers:
          - { restartPolicy: Always, ports: [{ name: proxy, containerPort: 15006 }] }
          - { ports: [{ name: setup, containerPort: 9000 }] }
      ---
      ${ingress('{ ports: [{ port: proxy }, { port: setup }] }')}
    `);
    expect(talks('b/web', 'a/mesh')).toBe('TCP 15006');
  });

  test('a range includes its end, and is of numbers from low to high', () => {
    expect(given(ingress('{ ports: [{ port: 80, endPort: 82 }] }')).talks('b/web', 'a/db')).toBe('TCP 80-82');
    const problem = (port: string) => given(ingress(`{ ports: [${port}] }`)).problems;
    expect(problem('{ port: http, endPort: 90 }')).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].ports[0].endPort: needs a port that is a number',
    ]);
    expect(problem('{ port: 80, endPort: 79 }')).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].ports[0].endPort: 79 is below the port 80',
    ]);
  });

  test('a service’s port is not what policies see: they see the port of the pod behind it', () => {
    const text = (port: number) => `
      kind: Service
      metadata: { name: db, namespace: a }
      spec: { selector: { app: db }, ports: [{ port: 80, targetPort: 5432 }] }
      ---
      ${ingress(`{ ports: [{ port: ${port} }] }`)}
    `;
    expect(given(text(80)).talks('b/web', 'a/db')).toBe('TCP 80');
    expect(given(text(5432)).talks('b/web', 'a/db')).toBe('TCP 5432');
    expect(given(text(80)).lines.filter((line) => line.includes('[Service]'))).toEqual([]);
  });
});

describe('a connection', () => {
  test('needs the sender’s egress and the receiver’s ingress on a common port', () => {
    const sides = (receives: number) =>
      given(`
        ${egress('{ ports: [{ port: 80 }, { port: 443 }] }')}
        ---
        kind: NetworkPolicy
        metadata: { name: q, namespace: b }
        spec: { podSelector: {}, ingress: [{ ports: [{ port: ${receives} }] }] }
      `).talks('a/web', 'b/db');
    expect([sides(443), sides(8443)]).toEqual(['TCP 443', 'nothing']);
  });

  test('policies add up in any order', () => {
    const more = `
      kind: NetworkPolicy
      metadata: { name: q, namespace: a }
      spec: { podSelector: { matchLabels: { app: db } }, ingress: [{ ports: [{ port: 81 }] }] }
    `;
    const one = ingress('{ ports: [{ port: 80 }] }');
    expect(given(`${one}\n---\n${more}`).lines).toEqual(given(`${more}\n---\n${one}`).lines);
    expect(given(`${one}\n---\n${more}`).talks('b/web', 'a/db')).toBe('TCP 80-81');
  });

  test('has a direction: what is answered needs no rule, what begins the other way does', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, policyTypes: [Ingress, Egress], egress: [{}] }
    `);
    expect([talks('a/web', 'b/db'), talks('b/db', 'a/web')]).toEqual([ALL, 'nothing']);
  });
});
