// `npm run connectivity`: its lines, its formats, and how it refuses.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  WORLD,
  db,
  dbFromWeb,
  dir,
  documents,
  expected,
  folder,
  linesOf,
  names,
  pod,
  policy,
  run,
  spawned,
  told,
  web,
} from './connectivity-given.ts';

describe('one line per connection', () => {
  test('sorted, with workloads, the outside, ports and everything', () => {
    expect(linesOf(folder({ 'all.yaml': documents(web, db, dbFromWeb) }))).toEqual(expected);
  });

  test('has protocols in the order of the alphabet, and ranges joined', () => {
    const ports =
      '[{ protocol: UDP, port: 53 }, { port: 8080, endPort: 8085 }, { port: 80 }, { port: 8086, endPort: 8090 }, { protocol: SCTP, port: 9 }]';
    const rule = policy('db', `{ podSelector: { matchLabels: { app: db } }, ingress: [{ ports: ${ports} }] }`);
    expect(linesOf(folder({ 'all.yaml': documents(web, db, rule) }))).toContain(
      'shop/web[Pod] => shop/db[Pod] : SCTP 9,TCP 80,8080-8090,UDP 53',
    );
  });

  test('cuts the outside only where policies tell it apart, and joins what does not differ', () => {
    const rule = policy(
      'db',
      `{ podSelector: { matchLabels: { app: db } }, policyTypes: [Egress], egress: [
        { to: [{ ipBlock: { cidr: 10.0.0.0/9 } }, { ipBlock: { cidr: 10.128.0.0/9, except: [10.200.0.0/16] } }] }] }`,
    );
    const lines = linesOf(folder({ 'all.yaml': documents(web, db, rule) }));
    expect(lines.filter((line) => line.startsWith('shop/db[Pod] =>'))).toEqual([
      'shop/db[Pod] => 10.0.0.0-10.199.255.255[External] : All Connections',
      'shop/db[Pod] => 10.201.0.0-10.255.255.255[External] : All Connections',
    ]);
    expect(lines).toContain(`shop/web[Pod] => ${WORLD} : All Connections`);
  });

  test('joins pods under what controls them, and has no line from a workload to itself', () => {
    const owned = (name: string) =>
      pod('shop', name, ', ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: rs, controller: true }]');
    const lines = linesOf(folder({ 'all.yaml': documents(owned('a'), owned('b'), db) }));
    expect(lines.filter((line) => !line.includes('External'))).toEqual([
      'shop/db[Pod] => shop/rs[ReplicaSet] : All Connections',
      'shop/rs[ReplicaSet] => shop/db[Pod] : All Connections',
    ]);
  });

  test('takes the templates of workloads as their pods', () => {
    const template = '{ metadata: { labels: { app: x } }, spec: {} }';
    const workload = (apiVersion: string, kind: string, spec: string) =>
      `\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${kind.toLowerCase()}, namespace: shop }\nspec: ${spec}\n`;
    const path = folder({
      'all.yaml': documents(
        ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) =>
          workload('apps/v1', kind, `{ template: ${template} }`),
        ),
        workload('batch/v1', 'Job', `{ template: ${template} }`),
        workload('batch/v1', 'CronJob', `{ jobTemplate: { spec: { template: ${template} } } }`),
        policy('x', '{ podSelector: { matchLabels: { app: x } }, policyTypes: [Egress] }'),
        db,
      ),
    });
    const into = linesOf(path).flatMap((line) => /^shop\/db\[Pod\] => (shop\S+)/.exec(line)?.[1] ?? []);
    expect(into).toEqual([
      'shop/cronjob[CronJob]',
      'shop/daemonset[DaemonSet]',
      'shop/deployment[Deployment]',
      'shop/job[Job]',
      'shop/statefulset[StatefulSet]',
    ]);
    expect(linesOf(path).filter((line) => /^shop\/[a-z]+(set|job|ment)\[/.test(line))).toEqual([]);
  });

  test('is not there where nothing is allowed', () => {
    const path = folder({
      'all.yaml': documents(web, policy('none', '{ podSelector: {}, policyTypes: [Ingress, Egress] }')),
    });
    expect(run(path)).toMatchObject({ status: 0, stdout: '' });
    expect(told(path)).toEqual([]);
  });

  test('speaks of IPv6 only where a policy does', () => {
    const rule = policy('six', "{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '::/0' } }] }] }");
    expect(linesOf(folder({ 'all.yaml': documents(web, rule) }))).toEqual(
      [
        '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff[External] => shop/web[Pod] : All Connections',
        `shop/web[Pod] => ${WORLD} : All Connections`,
        'shop/web[Pod] => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff[External] : All Connections',
      ].toSorted(),
    );
  });
});

describe('a folder', () => {
  test('may be nested, hold JSON and YAML, and Lists of objects', () => {
    const asJson = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db', namespace: 'shop', labels: { app: 'db' } }, spec: {} },
      ],
    };
    const path = folder({
      'apps/web/pod.yml': web,
      'apps/db.json': JSON.stringify(asJson),
      'policies.yaml': `---\n${dbFromWeb}---\n`,
      'notes.txt': 'not a manifest: {',
    });
    expect(linesOf(path)).toEqual(expected);
  });

  test('may have a list of one kind, whose items leave their kind out', () => {
    const items = ['web', 'db'].map((name) => ({
      metadata: { name, namespace: 'shop', labels: { app: name } },
      spec: {},
    }));
    const path = folder({
      'pods.json': JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items }),
      'db.yaml': dbFromWeb,
    });
    expect(linesOf(path)).toEqual(expected);
  });

  test('may be one file', () => {
    const path = folder({ 'all.yaml': documents(web, db, dbFromWeb) });
    expect(linesOf(join(path, 'all.yaml'))).toEqual(expected);
  });

  test('without namespaces means default, and a namespace that nothing declares has its name as a label', () => {
    const path = folder({
      'all.yaml': `
apiVersion: v1
kind: Pod
metadata: { name: alone }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } } }] }] }
---${web}---${pod('other', 'x')}`,
    });
    const into = linesOf(path).filter((line) => line.includes('=> default/alone[Pod]'));
    expect(into).toEqual(['shop/web[Pod] => default/alone[Pod] : All Connections']);
  });

  test('may hold what has nothing to do with network policy: it is counted on standard error', () => {
    const other = (kind: string, name: string) => `\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
    const path = folder({
      'all.yaml': documents(web, other('ConfigMap', 'a'), other('ConfigMap', 'b'), other('Secret', 'c')),
    });
    expect(told(path)).toEqual([`${path}: skipped, not about network policy: 2 ConfigMap, 1 Secret`]);
    expect(run(path).stdout).toContain('shop/web[Pod]');
  });

  test('may hold a policy that is wrong: it is named with its place, and the rest is judged', () => {
    const path = folder({ 'all.yaml': documents(web, db, dbFromWeb, policy('bad', '{ podSelector: 7 }')) });
    expect(told(path)).toEqual([
      `${path}/all.yaml:17: shop/bad[NetworkPolicy] is left out, spec.podSelector: must be an object`,
    ]);
    expect(linesOf(path)).toEqual(expected);
    expect(run(path, '--strict')).toMatchObject({ status: 2, stdout: run(path).stdout });
    expect(told(path, '--strict').at(-1)).toBe('--strict: 1 part of the input was left out.');
  });

  test('is judged under an engine, and what that does not enforce is named', () => {
    const six = policy('six', "{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '::/0' } }] }] }");
    const path = folder({ 'all.yaml': documents(web, six) });
    expect(told(path, '--engine', 'azure')[0]).toBe(
      `${path}: shop/six[NetworkPolicy] does nothing: NPM does not support IPv6 and drops the whole policy`,
    );
    expect(run(path, '--engine', 'azure').stdout).toContain(`${WORLD} => shop/web[Pod] : All Connections`);
  });
});

describe('JSON', () => {
  test('has the same connections', () => {
    const path = folder({ 'all.yaml': documents(web, db, dbFromWeb) });
    const printed = JSON.parse(run(path, '--format', 'json').stdout) as {
      connections: { source: string; destination: string; connections: string }[];
      runTimeWorkloads: number;
    };
    expect(printed.runTimeWorkloads).toBe(0);
    expect(printed.connections.map((c) => `${c.source} => ${c.destination} : ${c.connections}`)).toEqual(linesOf(path));
  });

  test('counts the workloads about which only run time decides something, as standard error does', () => {
    const path = folder({ 'all.yaml': documents(web, db, names) });
    expect(JSON.parse(run(path, '--format', 'json').stdout)).toMatchObject({ runTimeWorkloads: 1 });
    expect(told(path)).toEqual([
      `${path}: 1 workload has connections that are decided only at run time (names, requests)`,
    ]);
    expect(run(path, '--engine', 'cilium').stdout).not.toContain('shop/web[Pod] =>');
  });
});

test('the program prints its lines, or says what is wrong and ends with 2', () => {
  const path = folder({ 'all.yaml': documents(web, db, dbFromWeb) });
  const { status, stdout, stderr } = spawned('connectivity', [path]);
  expect({ status, lines: stdout.trimEnd().split('\n') }).toEqual({ status: 0, lines: expected });
  expect(stderr.split('\n', 1)[0]).toMatch(/judged by what the NetworkPolicy specification says/);
  expect(spawned('connectivity', [join(dir, 'nowhere')])).toMatchObject({ status: 2, stdout: '' });
});

test('--help tells how to use it', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: .*connectivity -- DIR/);
});

test.each<[string, () => string[], RegExp]>([
  ['no folder', () => [], /DIR is missing/],
  ['an unknown option', () => [dir, '--fast'], /--fast/],
  ['an unknown format', () => [dir, '--format', 'xml'], /--format takes txt or json, not xml/],
  ['an unknown engine', () => [dir, '--engine', 'antrea'], /--engine takes azure, calico or cilium, not antrea/],
  ['a folder that is not there', () => [join(dir, 'nowhere')], /nowhere cannot be read/],
  ['a folder without manifests', () => [folder({ 'readme.txt': '' })], /holds no \.yaml, \.yml or \.json file/],
  ['YAML that is broken', () => [folder({ 'a.yaml': 'a: [1,\nb: }' })], /a\.yaml:2:\d+ is not valid YAML/],
  [
    'an earlier state that is not there',
    () => [folder({ 'a.yaml': web }), '--against', join(dir, 'nowhere')],
    /nowhere/,
  ],
  ['half a pair to explain', () => [folder({ 'a.yaml': web }), '--explain', 'web'], /--explain takes two workloads/],
  ['an unknown workload', () => [folder({ 'a.yaml': web }), '--explain', 'web', 'ghost'], /There is no workload ghost/],
  [
    'a name of two workloads',
    () => [folder({ 'a.yaml': documents(web, pod('other', 'web')) }), '--explain', 'web', 'shop/web'],
    /web could be other\/web\[Pod\] or shop\/web\[Pod\]/,
  ],
  ['a second folder', () => [dir, dir], /one argument too many/],
])('%s is exit 2 with nothing on standard output, and says what is wrong', (_name, args, text) => {
  const { status, stdout, stderr } = run(...args());
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(text);
  expect(stderr).not.toMatch(/\n\s+at /);
});
