// Which engine a folder of manifests is judged under, how that is said, and what may rest on it.
import { describe, expect, test } from 'vitest';
import { audit } from '../../infra/cli/audit-command.ts';
import { connectivity } from '../../infra/cli/connectivity-command.ts';
import { db, dbFromWeb, documents, policy, web } from './connectivity-given.ts';
import { folder, runHere } from './in-process.ts';

const object = (apiVersion: string, kind: string, name: string, spec: string, more = '') =>
  `\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${more} }\nspec: ${spec}\n`;
const inShop = ', namespace: shop';
const cilium = object(
  'cilium.io/v2',
  'CiliumNetworkPolicy',
  'db-c',
  '{ endpointSelector: { matchLabels: { app: db } }, ingress: [{ fromEndpoints: [{ matchLabels: { app: nobody } }] }] }',
  inShop,
);
const calico = object(
  'projectcalico.org/v3',
  'NetworkPolicy',
  'db-k',
  "{ selector: app == 'db', types: [Ingress], ingress: [{ action: Allow, source: { selector: app == 'nobody' } }] }",
  inShop,
);
const admin = object(
  'policy.networking.k8s.io/v1alpha1',
  'AdminNetworkPolicy',
  'admin',
  '{ priority: 5, subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }',
);
const agent = (name: string, status: string) =>
  object('apps/v1', 'DaemonSet', name, '{ template: { spec: { hostNetwork: true } } }', ', namespace: kube-system') +
  `status: ${status}\n`;
const atWork = '{ desiredNumberScheduled: 3, numberReady: 3 }';

interface Printed {
  readonly engine: string;
  readonly engineAssumed: boolean;
  readonly findings: {
    rule: string;
    subject: string;
    verdict: string;
    severity: string;
    message: string;
    remediation?: string;
  }[];
}
function judged(path: string, ...args: string[]): Printed {
  const { stdout } = runHere(audit, ['--manifests', path, '--format', 'json', ...args]);
  return (JSON.parse(stdout) as { clusters: Printed[] }).clusters[0]!;
}
const of = (printed: Printed, rule: string) => printed.findings.filter((finding) => finding.rule === rule);

describe('the engine of a folder', () => {
  test.each<[string, string[], string, boolean, RegExp]>([
    [
      'is Cilium by its objects',
      [web, db, cilium],
      'cilium',
      true,
      /judged as Cilium enforces it, because it holds 1 object of Cilium; if that is wrong/,
    ],
    [
      'is Calico by its objects',
      [web, db, calico, calico.replace('db-k', 'b')],
      'calico',
      true,
      /judged as Calico enforces it, because it holds 2 objects of Calico/,
    ],
    [
      'is Cilium by the group of what is not a policy',
      [web, object('cilium.io/v2alpha1', 'CiliumCIDRGroup', 'g', '{ externalCIDRs: [] }')],
      'cilium',
      true,
      /1 object of Cilium/,
    ],
    ['is NPM by its DaemonSet', [web, agent('azure-npm', '{}')], 'azure', true, /1 object of NPM/],
    [
      'is what runs there, whatever was left behind',
      [web, agent('cilium', atWork), calico],
      'cilium',
      false,
      /judged as Cilium enforces it, which runs there/,
    ],
    [
      'is not known by plain policies',
      [web, db, dbFromWeb],
      'unrecognised',
      true,
      /by what the NetworkPolicy specification says, because nothing in it shows which engine it is for/,
    ],
    [
      'is not known by objects of two',
      [web, db, cilium, calico],
      'unrecognised',
      true,
      /more than one engine \(1 of Cilium, 1 of Calico\); say which/,
    ],
  ])('%s', (_name, parts, engine, engineAssumed, text) => {
    const path = folder({ 'all.yaml': documents(...parts) });
    expect(judged(path)).toMatchObject({ engine, engineAssumed });
    for (const command of [runHere(audit, ['--manifests', path]), runHere(connectivity, [path])]) {
      const [first] = command.stderr.split('\n');
      expect(first).toMatch(text);
      expect(first!.startsWith(`${path}: judged `)).toBe(true);
    }
    const printed = JSON.parse(runHere(connectivity, [path, '--format', 'json']).stdout) as unknown;
    expect(printed).toMatchObject({ engine: engine === 'unrecognised' ? 'specification' : engine, engineAssumed });
  });

  test.each(['azure', 'calico', 'cilium'])('is %s when --engine says so', (engine) => {
    const path = folder({ 'all.yaml': documents(web, db, cilium, calico) });
    expect(judged(path, '--engine', engine)).toMatchObject({ engine, engineAssumed: false });
    expect(runHere(connectivity, [path, '--engine', engine]).stderr).toMatch(/^\S+: judged as \w+ enforces it\.\n/);
  });
});

describe('what is judged under it', () => {
  const into = (path: string, ...args: string[]) =>
    runHere(connectivity, [path, ...args])
      .stdout.split('\n')
      .filter((line) => line.includes('shop/web[Pod] => shop/db[Pod]'));

  test('policies of the engine count', () => {
    expect(into(folder({ 'all.yaml': documents(web, db, cilium) }))).toEqual([]);
    expect(into(folder({ 'all.yaml': documents(web, db, calico) }))).toEqual([]);
  });

  test('of two engines neither counts: what may depend on them is unknown, and --strict fails', () => {
    const path = folder({ 'all.yaml': documents(web, db, cilium, calico) });
    expect(into(path)).toHaveLength(1);
    const isolated = of(judged(path), 'pod-isolated').find(({ subject }) => subject.includes('db'));
    expect(isolated).toMatchObject({ verdict: 'unknown' });
    expect(runHere(connectivity, [path])).toMatchObject({ status: 0 });
    expect(runHere(connectivity, [path, '--strict'])).toMatchObject({ status: 2 });
    expect(into(path, '--engine', 'cilium')).toEqual([]);
  });

  test('two states of one cluster are judged under the same, even if only one of them tells', () => {
    const block = policy(
      'db',
      '{ podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }',
    );
    const [before, after] = [documents(web, db, block, cilium), documents(web, db, block)].map((text) =>
      folder({ 'all.yaml': text }),
    );
    expect(runHere(connectivity, [after!, '--against', before!]).stderr).toMatch(/judged as Cilium enforces it/);
  });
});

describe('nobody is told to delete what another engine may enforce', () => {
  test.each<[string, string[]]>([
    ['Cilium objects alone', [web, db, cilium]],
    ['Calico objects alone', [web, db, calico]],
    ['both', [web, db, cilium, calico]],
    ['Cilium objects and an admin policy', [web, db, cilium, admin]],
    ['NPM by a DaemonSet that is not at work, and an admin policy', [web, agent('azure-npm', '{}'), admin]],
    ['plain policies', [web, db, dbFromWeb]],
  ])('%s', (_name, parts) => {
    const printed = judged(folder({ 'all.yaml': documents(...parts) }));
    for (const { remediation } of printed.findings) expect(remediation ?? '').not.toMatch(/delete/i);
    for (const finding of of(printed, 'policy-enforced')) expect(finding.verdict).not.toBe('fail');
  });

  test('an admin policy beside Cilium objects is open, with the option that decides it', () => {
    const path = folder({ 'all.yaml': documents(web, db, cilium, admin) });
    expect(of(judged(path), 'policy-enforced')).toMatchObject([
      { verdict: 'unknown', severity: 'high', message: expect.stringContaining('only inferred') as string },
    ]);
    // A shell takes a bar for a pipe.
    expect(of(judged(path), 'policy-enforced')[0]!.remediation).toMatch(/^npm run audit -- [^|]*--engine ENGINE$/m);
    const said = of(judged(path, '--engine', 'cilium'), 'policy-enforced');
    expect(said).toMatchObject([{ verdict: 'fail', remediation: expect.stringContaining('kubectl delete') as string }]);
  });
});
