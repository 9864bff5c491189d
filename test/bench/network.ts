// Connectivity of large clusters, against the naive evaluator on a small one in the same run.
import { deflateRawSync } from 'node:zlib';
import type { Connectivity } from '../../shared/network/index.ts';
import { compile, exposureOf, parseObjects, reachStories, toReachSnapshot } from '../../shared/network/index.ts';
import type { ClusterObjects } from '../../shared/network/objects.ts';
import { allowed } from '../network/naive.ts';
import type { Figure } from './report.ts';
import { mb, median, ms } from './report.ts';

interface Shape {
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  /** Every pod carries a label of its own, and policies ask for it. */
  readonly unique: boolean;
}

/** Pods of five kinds in every namespace, a default deny, allowances inside and between namespaces, ports and address blocks. */
export function generateCluster({ pods, namespaces, policies, unique }: Shape): unknown[] {
  const raws: unknown[] = [];
  const each = Math.round(pods / namespaces);
  for (let n = 0; n < namespaces; n++) {
    raws.push({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `ns-${n}`, labels: { team: `team-${n % 40}`, zone: `z${n % 5}` } },
    });
    for (let p = 0; p < each; p++)
      raws.push({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `pod-${p}`,
          namespace: `ns-${n}`,
          labels: { app: `app-${p % 5}`, tier: (p % 5) % 2 ? 'web' : 'db', ...(unique ? { uid: `u${n}-${p}` } : {}) },
        },
        spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 + ((p % 5) % 3) }] }] },
        status: { podIP: `10.${(n >> 8) & 255}.${n & 255}.${p & 255}` },
      });
  }
  for (let i = 0; i < policies; i++) raws.push(policyOf(i, namespaces, unique, each));
  return raws;
}

function policyOf(i: number, namespaces: number, unique: boolean, each: number): unknown {
  const namespace = `ns-${i % namespaces}`;
  const kind = i % 6;
  const meta = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `np-${i}`, namespace } };
  const app = unique ? { uid: `u${i % namespaces}-${i % each}` } : { app: `app-${i % 5}` };
  const port = (number: number): unknown => ({ protocol: 'TCP', port: number });
  switch (kind) {
    case 0:
      return { ...meta, spec: { podSelector: {}, policyTypes: ['Ingress'] } };
    case 1:
      return {
        ...meta,
        spec: {
          podSelector: { matchLabels: app },
          ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'web' } } }], ports: [port(80 + (i % 7))] }],
        },
      };
    case 2:
      return {
        ...meta,
        spec: {
          podSelector: { matchLabels: app },
          ingress: [
            { from: [{ namespaceSelector: { matchLabels: { team: `team-${i % 40}` } } }], ports: [{ port: 'http' }] },
          ],
        },
      };
    case 3:
      return {
        ...meta,
        spec: {
          podSelector: { matchLabels: { tier: 'db' } },
          egress: [{ to: [{ podSelector: {} }] }, { ports: [{ protocol: 'UDP', port: 53 }] }],
        },
      };
    case 4:
      return {
        ...meta,
        spec: {
          podSelector: { matchLabels: app },
          ingress: [{ from: [{ ipBlock: { cidr: `203.0.${i % 50}.0/24` } }], ports: [port(443)] }],
        },
      };
    default:
      return {
        ...meta,
        spec: {
          podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['app-1'] }] },
          ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: app } }] }],
        },
      };
  }
}

const shapes: readonly (Shape & { readonly bar: string })[] = [
  { pods: 2_000, namespaces: 100, policies: 200, unique: false, bar: '57 ms' },
  { pods: 20_000, namespaces: 1_000, policies: 2_000, unique: false, bar: '500 ms, 250 MB' },
  { pods: 20_000, namespaces: 1_000, policies: 2_000, unique: true, bar: '600 ms' },
  { pods: 100_000, namespaces: 2_000, policies: 4_000, unique: false, bar: '-' },
];

export function benchNetwork(): Figure[] {
  const figures: Figure[] = [];
  for (const { bar, ...shape } of shapes) {
    const raws = generateCluster(shape);
    const { objects } = parseObjects(raws);
    raws.length = 0;
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const times: number[] = [];
    let net = compile(objects);
    let share = 0;
    for (let run = 0; run < 4; run++) {
      const start = performance.now();
      net = compile(objects);
      share = exposureOf(net).cluster.share;
      times.push(performance.now() - start);
    }
    const rows = [net.ingress, net.egress].map((side) => `${side.rows.length}`).join('/');
    const bytes = [...net.ingress.rows, ...net.egress.rows].reduce((sum, row) => sum + deflateRawSync(row).length, 0);
    figures.push({
      what: `connectivity and exposure of ${shape.pods} pods, ${shape.namespaces} namespaces, ${shape.policies} policies${shape.unique ? ', unique labels' : ''}`,
      measured: `first ${ms(times[0]!)}, best ${ms(Math.min(...times))}; ${net.classes.length} classes, ${rows} rows, exposure ${share.toFixed(4)}; +${mb(Math.max(0, process.memoryUsage().rss - before))}; rows deflated ${Math.round(bytes / 1024)} KB`,
      bar,
    });
    figures.push(snapshotOf(net, objects));
  }
  figures.push(againstNaive());
  return figures;
}

/** What is kept of a scan, and what telling it from the next one costs: every tenth policy is gone in that. */
function snapshotOf(net: Connectivity, objects: ClusterObjects): Figure {
  const before = toReachSnapshot(net);
  const after = toReachSnapshot(compile({ ...objects, policies: objects.policies.filter((_, i) => i % 10 !== 0) }));
  const text = JSON.stringify(before);
  const making = median(3, () => toReachSnapshot(net));
  const comparing = median(3, () => reachStories(before, after));
  const kb = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;
  return {
    what: `  its reach snapshot: ${before.workloads.length} workloads, ${before.sets.length} sets of namespaces`,
    measured: `made in ${ms(making)}, ${kb(text.length)}, deflated ${kb(deflateRawSync(text).length)}; ${reachStories(before, after).length} causes of what is different in another found in ${ms(comparing)}`,
    bar: '-',
  };
}

/** The same question, every pair on one port, asked both ways. */
function againstNaive(): Figure {
  const { objects } = parseObjects(generateCluster({ pods: 200, namespaces: 10, policies: 40, unique: false }));
  let start = performance.now();
  exposureOf(compile(objects));
  const engine = performance.now() - start;
  start = performance.now();
  for (const source of objects.pods)
    for (const destination of objects.pods)
      if (source !== destination)
        allowed(objects, { source: { pod: source }, destination: { pod: destination }, protocol: 'TCP', port: 80 });
  const naive = performance.now() - start;
  return {
    what: '200 pods, 40 policies: all ports by the engine, one port by the naive evaluator',
    measured: `${ms(engine)} and ${ms(naive)}`,
    bar: '-',
  };
}
