// Pods that no connection and no verdict is about are counted, not dropped without a word.
import { describe, expect, test } from 'vitest';
import { audit } from '../../infra/cli/audit-command.ts';
import { connectivity } from '../../infra/cli/connectivity-command.ts';
import { documents, policy, web } from './connectivity-given.ts';
import { folder, runHere } from './in-process.ts';

const pod = (name: string, spec: string, status: string, namespace = 'shop') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: ${spec}
status: ${status}
`;
const deployment = (name: string, spec: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { replicas: 3, template: { metadata: { labels: { app: ${name} } }, spec: ${spec} } }
`;
const host = pod('agent', '{ hostNetwork: true }', '{ phase: Running, podIP: 10.1.0.4 }');
const done = pod('done', '{}', '{ phase: Succeeded, podIP: 10.244.0.9 }');
const failed = pod('failed', '{}', '{ phase: Failed }');
const fromBlock = policy(
  'db',
  '{ podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ ipBlock: { cidr: 10.244.0.0/16 } }] }] }',
);
const cluster = (path: string): unknown =>
  (JSON.parse(runHere(audit, ['--manifests', path, '--format', 'json']).stdout) as { clusters: unknown[] }).clusters[0];
const connections = (path: string, ...args: string[]) =>
  JSON.parse(runHere(connectivity, [path, '--format', 'json', ...args]).stdout) as {
    connections: { source: string; destination: string }[];
    podsWithoutAddress: number;
  };

describe('pods on the network of their node, and finished ones', () => {
  const path = folder({
    'all.yaml': documents(web, host, done, failed, deployment('exporter', '{ hostNetwork: true }')),
  });

  test('are counted in JSON of both commands, a template by its replicas', () => {
    expect(connections(path)).toMatchObject({ hostNetworkPods: 4, finishedPods: 2 });
    expect(cluster(path)).toMatchObject({ hostNetworkPods: 4, finishedPods: 2 });
  });

  test.each([
    ['connectivity', runHere(connectivity, [path])],
    ['audit', runHere(audit, ['--manifests', path])],
  ])('have a line each in %s', (_name, { stderr }) => {
    expect(stderr).toMatch(/: 4 pods on the network of the node: not shown, because policies do not apply there/);
    expect(stderr).toMatch(/: 2 pods finished: not shown, because nothing is sent or received there any more/);
  });

  test('of namespaces that are not judged do not count in an audit', () => {
    const system = folder({ 'all.yaml': documents(web, pod('proxy', '{ hostNetwork: true }', '{}', 'kube-system')) });
    expect(cluster(system)).toMatchObject({ hostNetworkPods: 0 });
    expect(runHere(audit, ['--manifests', system]).stderr).not.toContain('on the network of the node');
  });

  test('have no line where there are none', () => {
    expect(
      runHere(connectivity, [folder({ 'all.yaml': web })])
        .stderr.trimEnd()
        .split('\n'),
    ).toHaveLength(1);
  });
});

describe('an ipBlock and the pods of a template', () => {
  const live = folder({
    'all.yaml': documents(
      pod('api', '{}', '{ phase: Running, podIP: 10.244.0.7 }'),
      pod('db', '{}', '{ phase: Running, podIP: 10.244.0.8 }'),
      fromBlock,
    ),
  });
  const templates = folder({ 'all.yaml': documents(deployment('api', '{}'), deployment('db', '{}'), fromBlock) });
  const reaches = (path: string, ...args: string[]): boolean =>
    connections(path, ...args).connections.some((c) => c.source.includes('api') && c.destination.includes('db'));

  test('matches a live pod by its address, and never a pod of a template, which has no address: that is said', () => {
    expect([reaches(live), reaches(templates)]).toEqual([true, false]);
    expect(connections(live).podsWithoutAddress).toBe(0);
    expect(connections(templates).podsWithoutAddress).toBe(6);
    expect(runHere(connectivity, [live]).stderr).not.toContain('address');
    for (const { stderr } of [runHere(connectivity, [templates]), runHere(audit, ['--manifests', templates])])
      expect(stderr).toMatch(
        /: 6 pods without an address yet: an ipBlock is taken to match only if it covers every address/,
      );
  });

  test('matches them if it covers every address that they could have, and not otherwise', () => {
    const open = (cidr: string, more = '') =>
      folder({
        'all.yaml': documents(
          deployment('api', '{}'),
          deployment('db', '{}'),
          fromBlock.replace('cidr: 10.244.0.0/16', `cidr: ${cidr}${more}`),
        ),
      });
    expect(reaches(open('0.0.0.0/0'))).toBe(true);
    expect(reaches(open('0.0.0.0/0'), '--engine', 'cilium')).toBe(false);
    expect(reaches(open('0.0.0.0/0', ', except: [10.0.0.0/8]'))).toBe(false);
    expect(reaches(open("'::/0'"))).toBe(false);
  });

  test('matches neither under Cilium, and nothing has to be said', () => {
    expect([reaches(live, '--engine', 'cilium'), reaches(templates, '--engine', 'cilium')]).toEqual([false, false]);
    expect(connections(templates, '--engine', 'cilium').podsWithoutAddress).toBe(0);
  });
});
