// Policy objects that nothing enforces give a false sense of safety.
import type { Cluster } from '../model/cluster.ts';
import { isByoCni } from '../model/cluster.ts';
import { clusterSubject } from '../model/finding.ts';
import { parseClusterId } from '../model/keys.ts';
import { kubectl } from '../model/shell.ts';
import type { Engine } from '../model/verdict.ts';
import type { Inert } from '../network/index.ts';
import { sharedPriorities } from '../network/index.ts';
import type { CiliumPolicy, PolicyRef } from '../network/objects.ts';
import { refName } from '../network/objects.ts';
import type { Lack } from './evidence/advanced-policies.ts';
import { advancedPoliciesOf, lackOf } from './evidence/advanced-policies.ts';
import { cureLacks } from './remedies/advanced-policies.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about, fail, notApplicable, notGiven, pass, unknown } from './rule.ts';
import { viewOf } from './evidence/view.ts';

const SHOWN = 5;

export const policyEnforced: Rule = {
  id: 'policy-enforced',
  title: 'The engine enforces every policy object',
  failing: 'has policies that are not enforced as written',
  rationale:
    'An engine that is switched off or replaced leaves its policy objects behind: they look like protection and do nothing.',
  severity: { high: 'something is not enforced as written', low: 'only the order of two policies is undefined' },
  subject: 'cluster',
  plane: 'in-cluster',
  needsEngine: true,
  controls: [
    'AKS documentation: uninstalling an engine keeps its objects',
    'AKS documentation: FQDN and L7 need their services',
  ],
  references: [
    'https://learn.microsoft.com/azure/aks/use-network-policies',
    'https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium',
    'https://learn.microsoft.com/azure/aks/how-to-apply-fqdn-filtering-policies',
    'https://learn.microsoft.com/azure/aks/how-to-apply-l7-policies',
  ],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster, engine, objects, net, read, judged } = viewOf(snapshot);
  // AKS keeps policies of its own in its namespaces, whatever the engine.
  const ours = ({ namespace }: PolicyRef): boolean => namespace === '' || judged(namespace);
  const total = [...objects.policies, ...objects.adminPolicies, ...objects.foreignPolicies].filter(ours).length;
  const idle = net.inert.filter(({ ref }) => ours(ref));
  const hidden = read.forbiddenKinds;
  if (idle.length === 0 && hidden.length > 0)
    return unknown(
      'crd-forbidden',
      `There may be policies that Bulkhead is not allowed to list: ${hidden.join(', ')}.`,
    );
  if (total === 0) return notApplicable('There are no policy objects.');
  if (read.engineAssumed && (idle.length > 0 || engine === 'unrecognised')) return underAssumption(engine, idle, total);
  if (engine === 'unrecognised')
    return unknown(
      isByoCni(cluster) ? 'byo-cni' : 'unrecognised-value',
      'What enforces policy in this cluster is not known.',
    );
  const needy =
    engine === 'cilium' && !isByoCni(cluster) ? objects.ciliumPolicies.filter((p) => ours(p) && p.needs) : [];
  const doubt = needy.length > 0 ? doubtAboutServices(cluster, needy) : undefined;
  const lacks = doubt ? [] : onePerObject(needy.flatMap((policy) => lackOf(policy, cluster) ?? []));
  if (idle.length + lacks.length > 0) return notEnforced(snapshot, idle, lacks, total);
  if (doubt) return doubt;
  const [tie] = sharedPriorities(net.governing.admin);
  if (tie)
    return about(clusterSubject, 'low').fail(
      `${refName(tie.ref)}: ${tie.path} ${tie.message}.`,
      editPolicy(tie.ref, 'Give it a priority of its own.'),
    );
  return pass(`The engine ${engine} enforces all policy objects (${total}).`);
}

function notEnforced(snapshot: Snapshot, idle: readonly Inert[], lacks: readonly Lack[], total: number): Judgement {
  const found: { readonly message: string; readonly remedy: string }[] = [];
  if (idle.length > 0)
    found.push({
      message: `${idle.length} of ${total} policy objects ${idle.length === 1 ? 'does' : 'do'} nothing: ${list(idle)}.`,
      remedy: viewOf(snapshot).engine === 'none' ? engineRemedy(snapshot) : removal(idle.map(({ ref }) => ref)),
    });
  if (lacks.length > 0)
    found.push({
      message: `${lacks.length} of ${total} policy objects ${lacks.length === 1 ? 'is' : 'are'} not enforced as written: ${list(lacks.map(({ policy, reason }) => ({ ref: policy, reason })))}.`,
      remedy: cureLacks(lacks, snapshot.cluster),
    });
  return fail(found.map(({ message }) => message).join(' '), found.map(({ remedy }) => remedy).join('\n'));
}

/** The specifications of one object lack the same: it is named once. */
const onePerObject = (lacks: readonly Lack[]): Lack[] => [
  ...new Map(lacks.map((lack) => [refName(lack.policy), lack])).values(),
];

/** @returns what to say when nobody knows whether domain names and requests are enforced here */
function doubtAboutServices(cluster: Cluster, needy: readonly CiliumPolicy[]): Judgement | undefined {
  const who = list(needy.map((ref) => ({ ref, reason: 'rules about domain names or requests' })));
  if (!parseClusterId(cluster.id))
    return notGiven('not-read', `Manifests do not say whether Advanced Container Networking Services are on: ${who}.`);
  if (advancedPoliciesOf(cluster) !== 'unrecognised') return undefined;
  const value = cluster.network?.advanced?.policies;
  return unknown(
    'unrecognised-value',
    `advancedNetworkPolicies is "${value}", a value that this version of Bulkhead does not know, and it decides about ${who}.`,
  );
}

function list(idle: readonly Inert[]): string {
  const named = idle.slice(0, SHOWN).map(({ ref, reason }) => `${refName(ref)} (${reason})`);
  return named.join(', ') + (idle.length > SHOWN ? ` and ${idle.length - SHOWN} more` : '');
}

/** Nobody should delete what another engine would enforce because of a guess: the guess has to be settled first. */
function underAssumption(engine: Engine, idle: readonly Inert[], total: number): Judgement {
  if (idle.length === 0) return notGiven('not-read', 'Manifests do not say what enforces them.');
  const guess =
    engine === 'unrecognised'
      ? 'It is not known which engine enforces them'
      : `That the engine is ${engine} is only inferred`;
  return unknown(
    'not-read',
    `${guess}, and ${idle.length} of ${total} policy objects may do nothing: ${list(idle)}.`,
    '# Say which engine the cluster has (ENGINE is azure, calico or cilium), and judge again:\nnpm run audit -- --manifests DIR --engine ENGINE',
  );
}

function removal(refs: readonly PolicyRef[]): string {
  const commands = refs.slice(0, SHOWN).map((ref) => kubectl('delete', ref));
  return [
    '# Write what they mean in NetworkPolicy objects that the engine enforces, then remove them:',
    ...commands,
    ...(refs.length > SHOWN ? [`# These are the first ${SHOWN} of ${refs.length}. Audit again for the others.`] : []),
  ].join('\n');
}
