// The script of the run command, run by a real shell with a stand-in for kubectl, gives what the API server would have given.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../../shared/estate/kubernetes/collect.ts';
import { parseSections, script, sectionsOf } from '../../../shared/estate/kubernetes/run-command-script.ts';
import type { InClusterRead } from '../../../shared/model/in-cluster.ts';
import { newMeter } from './new-meter.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-kubectl-'));
  const standIn = fileURLToPath(new URL('kubectl.cjs', import.meta.url));
  writeFileSync(join(dir, 'kubectl'), `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`);
  chmodSync(join(dir, 'kubectl'), 0o755);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const nothing: Readonly<Record<string, unknown>> = {
  namespaces: [],
  pods: [],
  services: [],
  'networkpolicies.networking.k8s.io': [],
  'daemonsets.apps': [],
  'jobs.batch': [],
};

function run(objects: Readonly<Record<string, unknown>>): string {
  const file = join(dir, 'objects.json');
  writeFileSync(file, JSON.stringify({ ...nothing, ...objects }));
  const env = { ...process.env, PATH: `${dir}:${process.env['PATH']}`, KUBECTL_OBJECTS: file };
  const logs = execFileSync('sh', ['-c', script()], { env, encoding: 'utf8' });
  return gunzipSync(Buffer.from(logs, 'base64')).toString('utf8');
}

const read = (objects: Readonly<Record<string, unknown>>): InClusterRead =>
  assemble(parseSections(run(objects), sectionsOf(), newMeter()));

const meta = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'web', ...more } });

// Each run starts one process a kind.
describe.skipIf(process.platform === 'win32')('the script', { timeout: 60_000 }, () => {
  test('brings every kind', () => {
    const { objects, forbiddenKinds } = read({
      namespaces: [{ metadata: { name: 'web', labels: { team: '#1 "a"\tb' } } }],
      pods: [
        {
          ...meta('web-1', {
            labels: { app: 'web' },
            ownerReferences: [{ kind: 'StatefulSet', name: 'web', controller: true, uid: 'u' }],
          }),
          spec: {
            containers: [
              { name: 'a', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }, { containerPort: 81 }] },
              { name: 'b' },
              { name: 'c', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] },
            ],
          },
          status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
        },
        { ...meta('done'), spec: { containers: [{ name: 'a' }] }, status: { phase: 'Succeeded' } },
        { ...meta('host'), spec: { hostNetwork: true, containers: [] }, status: { phase: 'Running' } },
      ],
      services: [{ ...meta('web'), spec: { type: 'ClusterIP', selector: { app: 'web' } } }],
      'daemonsets.apps': [{ ...meta('cilium'), status: { desiredNumberScheduled: 2, numberReady: 2 } }],
      'networkpolicies.networking.k8s.io': [{ ...meta('deny'), spec: { podSelector: {} } }],
      'globalnetworkpolicies.crd.projectcalico.org': [{ metadata: { name: 'g' }, spec: {} }],
    });
    expect(forbiddenKinds).toEqual([]);
    expect(objects.namespaces[0]?.labels['team']).toBe('#1 "a"\tb');
    expect(objects.pods).toEqual([
      {
        namespace: 'web',
        name: 'web-1',
        labels: { app: 'web' },
        owner: { kind: 'StatefulSet', name: 'web' },
        replicas: 1,
        ips: ['10.0.0.1', 'fd00::1'],
        hostNetwork: false,
        finished: false,
        ports: [
          { name: 'http', protocol: 'TCP', port: 80 },
          { name: 'dns', protocol: 'UDP', port: 53 },
        ],
      },
      expect.objectContaining({ name: 'done', finished: true }),
      expect.objectContaining({ name: 'host', hostNetwork: true }),
    ]);
    expect(objects.services).toMatchObject([{ name: 'web', selector: { app: 'web' } }]);
    expect(objects.daemonSets).toEqual([{ namespace: 'web', name: 'cilium', desired: 2, ready: 2 }]);
    expect(objects.policies).toMatchObject([{ name: 'deny' }]);
    expect(objects.foreignPolicies).toMatchObject([{ name: 'g', family: 'calico' }]);
  });

  test('brings the ports of native sidecars, and no others of init containers', () => {
    const initContainers = [
      { name: 'setup', ports: [{ name: 'setup', containerPort: 9 }] },
      { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 15001, protocol: 'TCP' }] },
      { name: 'log', restartPolicy: 'Always' },
    ];
    const containers = [{ name: 'a', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] }];
    const { objects } = read({
      pods: [
        { ...meta('meshed'), spec: { containers, initContainers } },
        { ...meta('alone'), spec: { containers: [{ name: 'a' }], initContainers } },
      ],
    });
    expect(objects.pods.map(({ ports }) => ports.map(({ name }) => name))).toEqual([['http', 'proxy'], ['proxy']]);
  });

  test('brings where pods run, namespaces that go away, and what lies in either group of Calico', () => {
    const policy = (name: string, more: object = {}) => ({ metadata: { name, ...more }, spec: { selector: 'all()' } });
    const { objects } = read({
      namespaces: [{ metadata: { name: 'old', deletionTimestamp: '2026-11-20T10:00:00Z' } }],
      nodes: [
        {
          metadata: { name: 'n', labels: { 'kubernetes.io/os': 'linux', type: 'virtual-kubelet' } },
          spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
          status: { addresses: [{ type: 'InternalIP', address: '10.224.0.4' }] },
        },
      ],
      pods: [
        { ...meta('a'), spec: { nodeName: 'n', containers: [] } },
        { ...meta('b'), spec: { nodeName: 'akswin000000', containers: [] } },
        {
          ...meta('c'),
          spec: { nodeSelector: { 'kubernetes.io/os': 'windows' }, os: { name: 'windows' }, containers: [] },
        },
      ],
      'globalnetworkpolicies.projectcalico.org': [policy('new'), policy('both')],
      'globalnetworkpolicies.crd.projectcalico.org': [policy('default.both'), policy('default.old')],
      'globalnetworksets.crd.projectcalico.org': [
        {
          metadata: { name: 's', annotations: { 'projectcalico.org/metadata': '{"labels":{"role":"x"}}' } },
          spec: { nets: ['203.0.113.0/24'] },
        },
      ],
    });
    expect(objects.namespaces).toMatchObject([{ name: 'old', terminating: true }, { name: 'web' }]);
    expect(objects.pods.map(({ platform }) => platform)).toEqual(['virtual', 'windows', 'windows']);
    expect(objects.nodes).toEqual([
      { name: 'n', platform: 'virtual', addresses: ['10.224.0.4'], podCidrs: ['10.244.1.0/24'] },
    ]);
    expect(objects.calicoPolicies.map(({ name }) => name)).toEqual(['new', 'both', 'default.old']);
    expect(objects.networkSets).toMatchObject([{ labels: { role: 'x' } }]);
  });

  test('takes a pod whose time is over for finished, and one that still has time for live', () => {
    const deleted = (seconds: number) => ({
      deletionTimestamp: '2026-11-20T10:00:00Z',
      deletionGracePeriodSeconds: seconds,
    });
    const spec = { containers: [] };
    const { objects } = read({
      pods: [
        { ...meta('over', deleted(0)), spec, status: { phase: 'Running' } },
        { ...meta('ending', deleted(30)), spec, status: { phase: 'Running' } },
      ],
    });
    expect(objects.pods.map(({ name, finished }) => [name, finished])).toEqual([
      ['over', true],
      ['ending', false],
    ]);
  });

  test('tells what is forbidden from what is not there', () => {
    const reads = parseSections(
      run({ 'networkpolicies.networking.k8s.io': 'forbidden', 'ciliumnetworkpolicies.cilium.io': 'forbidden' }),
      sectionsOf(),
      newMeter(),
    );
    expect(reads.flatMap((kind) => (kind.status === 'forbidden' ? [kind.resource] : []))).toEqual([
      'networkpolicies.networking.k8s.io',
      'ciliumnetworkpolicies.cilium.io',
    ]);
  });
});

describe('its output', () => {
  test.each<[string, string]>([
    ['cut off', '#0\n{"items":[]}\n'],
    ['without a section', '#end\n'],
    [
      'with a row too short',
      `${sectionsOf()
        .map((_section, i) => `#${i}\na\tb\n`)
        .join('')}#end\n`,
    ],
  ])('%s is an error', (_name, output) => {
    expect(() => parseSections(output, sectionsOf(), newMeter())).toThrow(SyntaxError);
  });
});
