// `npm run connectivity`: why one may reach another, and what changed between two states.
import { describe, expect, test } from 'vitest';
import {
  WORLD,
  db,
  dbFromWeb,
  documents,
  folder,
  linesOf,
  names,
  pod,
  policy,
  run,
  web,
} from './connectivity-given.ts';

describe('--explain', () => {
  const path = folder({ 'all.yaml': documents(web, db, pod('shop', 'job'), dbFromWeb) });
  const rule = 'from pods with app=web in this namespace on TCP 5432.';

  test('names the policy and the rule that allow', () => {
    expect(linesOf(path, '--explain', 'shop/web', 'shop/db')).toEqual([
      'shop/web[Pod] => shop/db[Pod] : TCP 5432',
      'Egress from shop/web[Pod] to shop/db[Pod]: everything.',
      '  No policy selects shop/web[Pod] for egress: everything is allowed.',
      'Ingress to shop/db[Pod] from shop/web[Pod]: TCP 5432.',
      `  shop/db[NetworkPolicy] rule 1 allows ${rule}`,
      '  What no rule of these policies allows is denied.',
    ]);
  });

  test('names the policy and the rule that do not', () => {
    expect(linesOf(path, '--explain', 'job', 'shop/db[Pod]')).toEqual([
      'shop/job[Pod] => shop/db[Pod] : nothing',
      'Egress from shop/job[Pod] to shop/db[Pod]: everything.',
      '  No policy selects shop/job[Pod] for egress: everything is allowed.',
      'Ingress to shop/db[Pod] from shop/job[Pod]: nothing.',
      `  shop/db[NetworkPolicy] rule 1 does not cover it: ${rule}`,
      '  What no rule of these policies allows is denied.',
      'A connection needs both sides to let the same port through.',
    ]);
  });

  test('says what only run time decides', () => {
    const folded = folder({ 'all.yaml': documents(web, db, names) });
    expect(linesOf(folded, '--engine', 'cilium', '--explain', 'web', 'db').slice(0, 5)).toEqual([
      'shop/web[Pod] => shop/db[Pod] : nothing',
      'Egress from shop/web[Pod] to shop/db[Pod]: nothing.',
      '  shop/names[CiliumNetworkPolicy] rule 1 may allow (decided only at run time) to names, services or groups on every port.',
      '  shop/names[CiliumNetworkPolicy] rule 2 may allow (decided only at run time) to pods with app=db in namespace shop on TCP 80.',
      '  What no rule of these policies allows is denied.',
    ]);
    const printed = run(folded, '--engine', 'cilium', '--format', 'json', '--explain', 'web', 'db').stdout;
    expect(JSON.parse(printed)).toMatchObject({ source: 'shop/web[Pod]', allowed: 'nothing', runTime: true });
  });

  test('explains the policies of admins and of Calico, too', () => {
    const more = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: admin }
spec: { tier: Admin, priority: 7, subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }], protocols: [{ tcp: { destinationPort: { number: 22 } } }] }] }
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: calico }
spec: { order: 5, selector: app == 'db', ingress: [{ action: Allow, protocol: TCP, source: { selector: app == 'web' } }] }
`;
    const lines = linesOf(folder({ 'all.yaml': documents(web, db, more) }), '--explain', 'web', 'db');
    expect(lines.slice(3)).toEqual([
      'Ingress to shop/db[Pod] from shop/web[Pod]: TCP 1-21,23-65535.',
      '  admin[ClusterNetworkPolicy] (Admin tier, priority 7) rule 1 denies from all pods in every namespace on TCP 22.',
      "  calico[GlobalNetworkPolicy] (tier default, order 5) rule 1 allows from those with app == 'web' on every port of TCP.",
      '  What no rule of a tier decides is denied at its end, unless the tier passes it on.',
    ]);
  });
});

describe('--against', () => {
  const before = folder({ 'all.yaml': documents(web, db, dbFromWeb) });
  const after = folder({
    'all.yaml': documents(
      web,
      db,
      dbFromWeb.replace('5432', '5433'),
      policy('web', '{ podSelector: { matchLabels: { app: web } }, ingress: [], policyTypes: [Ingress] }'),
      pod('shop', 'new'),
    ),
  });

  test('shows what was gained, lost and changed, in the order of the lines', () => {
    expect(linesOf(after, '--against', before)).toEqual([
      `+ ${WORLD} => shop/new[Pod] : All Connections`,
      `- ${WORLD} => shop/web[Pod] : All Connections`,
      '+ shop/db[Pod] => shop/new[Pod] : All Connections',
      '- shop/db[Pod] => shop/web[Pod] : All Connections',
      `+ shop/new[Pod] => ${WORLD} : All Connections`,
      '~ shop/web[Pod] => shop/db[Pod] : TCP 5433',
      '+ shop/web[Pod] => shop/new[Pod] : All Connections',
    ]);
  });

  test('has both states in JSON', () => {
    expect(JSON.parse(run(after, '--against', before, '--format', 'json').stdout)).toContainEqual({
      kind: '~',
      source: 'shop/web[Pod]',
      destination: 'shop/db[Pod]',
      before: 'TCP 5432',
      after: 'TCP 5433',
    });
  });

  test('says nothing about what stayed the same', () => {
    expect(linesOf(before, '--against', before)).toEqual([]);
  });
});
