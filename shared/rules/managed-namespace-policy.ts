// Managed namespaces carry a default network policy of their own.
import type { Cluster, ManagedNamespace } from '../model/cluster.ts';
import { engineOf, isByoCni } from '../model/cluster.ts';
import { clusterSubject } from '../model/finding.ts';
import { azAks } from '../model/shell.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about, fail, notGiven, unknown } from './rule.ts';
import { unknownNetworkValue } from './facts/support-matrix.ts';

/** What is said of namespaces that an engine protects. */
const medium = about(clusterSubject, 'medium');

const KNOWN = new Set(['denyall', 'allowsamenamespace', 'allowall']);

export const managedNamespacePolicy: Rule = {
  id: 'managed-namespace-policy',
  title: 'Managed namespaces have a default policy that closes them',
  failing: 'has managed namespaces that their default policy does not close',
  rationale:
    'The default policy of a managed namespace is the only thing between its pods and everybody else until teams write their own.',
  severity: { high: 'not enforced at all', medium: 'ingress open', low: 'egress open' },
  subject: 'cluster',
  plane: 'cluster',
  controls: ['CIS AKS 1.8: 4.4.2'],
  references: ['https://learn.microsoft.com/azure/aks/concepts-managed-namespaces'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster } = snapshot;
  const { managedNamespaces: namespaces, managedNamespacesUnread: unread } = cluster;
  if (unread) return medium.unknown(unread.reason, unread.message);
  if (!namespaces)
    return notGiven(
      'not-read',
      'The ARM body alone does not tell whether there are managed namespaces.',
      azAks(cluster, 'namespace list'),
    );
  if (namespaces.length === 0) return medium.notApplicable('There are no managed namespaces.');
  if (engineOf(cluster) === 'none' && !isByoCni(cluster)) return withoutEngine(snapshot, listNames(namespaces));
  const ingress = namespaces.filter((n) => ingressOf(n) === 'allowall');
  if (ingress.length > 0)
    return medium.fail(
      `Ingress is open to everybody in ${listNames(ingress)}.`,
      ingress.map((n) => update(cluster, n)).join('\n'),
    );
  const odd = namespaces.find((n) => [n.ingress, n.egress].some((value) => value !== undefined && !KNOWN.has(value)));
  if (odd)
    return medium.unknown(
      'unrecognised-value',
      `The default policy of ${odd.name} has a value that this version of Bulkhead does not know.`,
    );
  const egress = namespaces.filter((n) => egressOf(n) === 'allowall');
  if (egress.length > 0)
    return about(clusterSubject, 'low').fail(
      `Egress is open to anywhere in ${listNames(egress)}.`,
      egress.map((n) => update(cluster, n)).join('\n'),
    );
  return medium.pass(`The default policies of ${listNames(namespaces)} close them.`);
}

/** A plugin or a data plane that nobody knows yet may enforce policy by itself. */
function withoutEngine(snapshot: Snapshot, names: string): Judgement {
  const odd = unknownNetworkValue(snapshot.cluster.network);
  if (odd) return unknown('unrecognised-value', odd);
  const message = `No engine is on, so the default policies of ${names} are not enforced.`;
  return fail(message, engineRemedy(snapshot));
}

const listNames = (namespaces: readonly ManagedNamespace[]): string => namespaces.map((n) => n.name).join(', ');

/** What AKS does where a direction is not set (AKS, "Overview of managed namespaces": default values). */
const ingressOf = (namespace: ManagedNamespace): string => namespace.ingress ?? 'allowsamenamespace';
const egressOf = (namespace: ManagedNamespace): string => namespace.egress ?? 'allowall';

/** The command sets both directions: one that is closed already stays as it is. */
function update(cluster: Cluster, namespace: ManagedNamespace): string {
  const ingress = ingressOf(namespace) === 'denyall' ? 'DenyAll' : 'AllowSameNamespace';
  const egress = egressOf(namespace) === 'denyall' ? 'DenyAll' : 'AllowSameNamespace';
  const options = ['--name', namespace.name, '--ingress-policy', ingress, '--egress-policy', egress];
  return azAks(cluster, 'namespace update', ...options);
}
