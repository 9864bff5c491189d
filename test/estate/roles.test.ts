// The roles hold what is read, and nothing that writes.
import { expect, test } from 'vitest';
import { candidates, readKinds } from '../../shared/estate/kubernetes/kinds.ts';
import { azureInsideRole, azureRole, clusterRole } from '../../shared/estate/roles.ts';
import { grantInside } from '../../shared/model/reading-roles.ts';
import { sampleCluster } from '../support/estate.ts';

test('the ClusterRole lists exactly the kinds that are read, in each group that may have them', () => {
  const held = clusterRole.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.map((resource) => `${verbs.join()} ${group}/${resource}`)),
  );
  const read = readKinds.flatMap((kind) =>
    candidates(kind, undefined)
      .flat()
      .map(({ group }) => `list ${group}/${kind.resource}`),
  );
  expect(held.toSorted()).toEqual([...new Set(read)].toSorted());
});

test('the Azure roles only read, what Azure does not know by name as custom resources', () => {
  const writes = [...azureRole.Actions, ...azureInsideRole.DataActions].filter((action) => !action.endsWith('/read'));
  expect(writes).toEqual(['Microsoft.ContainerService/managedClusters/listClusterUserCredential/action']);
  const actions = azureInsideRole.DataActions.map((action) => action.split('/managedClusters/')[1]);
  expect(actions).toContain('customresources/read');
  expect(actions).toContain('networking.k8s.io/networkpolicies/read');
  expect(actions.filter((action) => /cilium|calico|gateway|policy\./.test(action!))).toEqual([]);
});

test.each([
  [
    'Azure',
    { azureRbac: true },
    /^az role assignment create .*'Bulkhead Cluster Reader' .*\n# .*az role definition create/,
  ],
  ['the cluster itself', { azureRbac: false }, /^kubectl apply .*\nkubectl create clusterrolebinding bulkhead-reader/],
  ['nobody, by its local account', { azureRbac: false, entra: false }, /^The local account/],
])('where %s decides who may read, the advice fits it', (_name, more, expected) => {
  expect(grantInside(sampleCluster('s', 'shop', more))).toMatch(expected);
});
