// Whom pods belong to, where their owner is not the workload that people know.
import { expect, test } from 'vitest';
import { slimmer } from '../../shared/estate/kubernetes/slim.ts';
import { compile, parseObjects, workloadName, workloadsOf } from '../../shared/network/index.ts';

const mirror = (name: string, node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'web',
    annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, controller: true, uid: 'u' }],
  },
  spec: { nodeName: node },
});
const workloads = (raws: readonly unknown[]): readonly string[] =>
  workloadsOf(compile(parseObjects(raws, { throughReplicaSets: true }).objects)).map(workloadName);

test('static pods of one node are workloads of their own, and those of one name on many nodes are one', () => {
  const [first, second] = ['aks-sys-1-vmss000000', 'aks-sys-1-vmss000001'];
  const pods = [mirror(`proxy-${first}`, first), mirror(`logs-${first}`, first), mirror(`proxy-${second}`, second)];
  expect(workloads(pods)).toEqual(['web/logs[Pod]', 'web/proxy[Pod]']);
  expect(workloads(pods.map(slimmer('Pod', 'v1')))).toEqual(['web/logs[Pod]', 'web/proxy[Pod]']);
});

test('the name of a node in capitals stands in lower case at the end of its static pods', () => {
  expect(workloads([mirror('proxy-aks-Sys'.toLowerCase(), 'aks-Sys')])).toEqual(['web/proxy[Pod]']);
});

test('a pod of a node that does not carry its name keeps its own', () => {
  expect(workloads([mirror('proxy', 'aks-sys'), mirror('aks-sys', 'aks-sys')])).toEqual([
    'web/aks-sys[Pod]',
    'web/proxy[Pod]',
  ]);
});
