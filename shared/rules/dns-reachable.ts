// A workload closed for egress that cannot resolve names is broken, and gets opened in a hurry.
import type { Connectivity, Workload } from '../network/index.ts';
import { between, tryPolicy, withAtom } from '../network/index.ts';
import type { LocalRedirect, NetworkPolicy, Pod } from '../network/objects.ts';
import { NONE } from '../network/port-sets.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { isIsolated, restrictingBy } from './evidence/isolation.ts';
import { LOCAL_DNS, localDns } from './evidence/dns.ts';
import { dnsRedirects, isBackend } from './evidence/local-redirects.ts';
import { dnsRule } from './remedies/dns-rule.ts';
import { editPolicy, manifestFor } from './remedies/manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { DNS_LABELS, DNS_NAMESPACE, isDnsPod } from './evidence/dns.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';

export const dnsReachable: Rule = {
  id: 'dns-reachable',
  title: 'The workload can reach the cluster’s DNS',
  failing: 'cannot reach the cluster’s DNS',
  rationale:
    'A workload that cannot reach the cluster’s DNS on UDP and TCP 53 cannot resolve any name, and the usual hasty fix is to open egress altogether.',
  severity: 'high',
  subject: 'workload',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['AKS best practice'],
  references: [
    'https://learn.microsoft.com/azure/aks/network-policy-best-practices',
    'https://learn.microsoft.com/azure/aks/localdns-custom',
  ],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const ways = waysToDns(view);
    for (const workload of view.workloads) yield judge(view, workload, ways);
  },
};

interface Ways {
  /** Classes of the cluster's DNS, or of the pods that Cilium redirects it to. */
  readonly pods: readonly number[];
  readonly redirects: readonly LocalRedirect[];
  /** Address ranges of LocalDNS. */
  readonly local: readonly number[];
  readonly localDns: ReturnType<typeof localDns>;
}

function waysToDns(view: View): Ways {
  const { classes, objects, atoms } = view.net;
  const redirects = dnsRedirects(view);
  const answers = (pod: Pod): boolean =>
    redirects.length > 0 ? redirects.some((redirect) => isBackend(redirect, pod)) : isDnsPod(pod);
  const pods = [...classes.keys()].filter((c) => classes[c]!.members.some((member) => answers(objects.pods[member]!)));
  const local = [...atoms.keys()].filter((a) => atoms[a]!.from <= LOCAL_DNS.to && LOCAL_DNS.from <= atoms[a]!.to);
  return { pods, redirects, local, localDns: localDns(view) };
}

function judge(view: View, workload: Workload, ways: Ways): Judgement {
  const { net } = view;
  const it = about(workloadSubject(workload));
  const closed = workload.classes.filter((c) => isIsolated(net, 'egress', c));
  if (closed.length === 0) return it.notApplicable('It is not closed for egress.');
  const blind = closed.filter((c) => !reachesPods(net, c, ways.pods));
  if (blind.length === 0) return it.pass('It reaches the cluster’s DNS on UDP and TCP 53.');
  const byLocal = blind.every((c) => ways.local.some((atom) => both(net, withAtom(net, 'egress', c, atom))));
  if (byLocal && ways.localDns === 'on') return it.pass('It reaches LocalDNS on UDP and TCP 53.');
  const unsure = doubtAbout(view, workload, 'egress');
  if (unsure) return it.unknown(unsure.reason, unsure.message);
  if (blind.some((c) => net.egress.conditional.has(c)))
    return it.unknown(
      'unrecognised-value',
      'Whether it reaches the cluster’s DNS depends on names or requests, which are known only at run time.',
    );
  if (byLocal && ways.localDns === 'some')
    return it.unknown(
      'not-read',
      'It reaches only LocalDNS, which is not known to run on every node.',
      remedy(view, workload, blind, ways),
    );
  return it.fail(
    byLocal
      ? 'It reaches only LocalDNS, which is off, and not the cluster’s DNS on UDP and TCP 53.'
      : `It is closed for egress and cannot reach the cluster’s DNS on UDP and TCP 53${whereTo(ways)}.`,
    remedy(view, workload, blind, ways),
  );
}

const whereTo = ({ redirects: [redirect] }: Ways): string =>
  redirect ? ` at the pods that CiliumLocalRedirectPolicy ${redirect.namespace}/${redirect.name} sends it to` : '';

const both = ({ ports }: Connectivity, set: number): boolean =>
  ports.includes(set, 'UDP', 53) && ports.includes(set, 'TCP', 53);

const reachesPods = (net: Connectivity, c: number, pods: readonly number[]): boolean =>
  pods.some((pod) => both(net, between(net, c, pod)) || both(net, throughProxy(net, c, pod)));

/** Rules with a filter on names send DNS through Cilium's proxy: it is reached, for the names they allow. */
function throughProxy(net: Connectivity, c: number, pod: number): number {
  const rules = net.egress.selected[c]!.cilium.flatMap(({ egress }) => egress.allows);
  const named = rules.filter(
    ({ conditional, peers }) =>
      conditional && peers?.some((p) => p.kind === 'pods' && net.columns.pods(p.namespaces, p.pods).includes(pod)),
  );
  const ports = named.flatMap((rule) => rule.ports ?? []).flatMap((port) => ('from' in port ? [port] : []));
  return ports.reduce((sum, { protocol, from, to }) => net.ports.union(sum, net.ports.range(protocol, from, to)), NONE);
}

/** A NetworkPolicy adds DNS where nothing but isolation closes the pod; behind a denial or another tier it does nothing, or does harm. */
function remedy(view: View, workload: Workload, blind: readonly number[], ways: Ways): string {
  const { net } = view;
  const namespace = view.objects.namespaces.find(({ name }) => name === DNS_NAMESPACE) ?? kubeSystem;
  const dns = { namespace, labels: DNS_LABELS };
  const mends = blind.every((c) => {
    const { admin, cilium, calico } = net.egress.selected[c]!;
    if (admin.length + cilium.length + calico.length === 0) return true;
    const { ports, takesAway } = tryPolicy(net, 'egress', c, allowDns, [dns]);
    return both(net, ports[0]!) && !takesAway;
  });
  const deaf = ways.pods.filter((pod) => blind.some((c) => !hears(net, pod, c)));
  if (deaf.length > 0 && deaf.length === ways.pods.length)
    return [...new Set(deaf.flatMap((pod) => restrictingBy(net, 'ingress', pod)))]
      .map((policy) =>
        editPolicy(policy, 'Let every pod reach the pods with k8s-app=kube-dns in kube-system on UDP and TCP 53.'),
      )
      .join('\n');
  if (mends) return manifestFor(view, workload, 'allow-dns', ['policyTypes: [Egress]', 'egress:', ...dnsRule(view)]);
  const closing = [...new Set(blind.flatMap((c) => restrictingBy(net, 'egress', c)))];
  return closing
    .map((policy) =>
      editPolicy(
        policy,
        'Allow UDP and TCP 53 to the pods with k8s-app=kube-dns in kube-system, ahead of the rule that denies it.',
      ),
    )
    .join('\n');
}

/** Whether the cluster's DNS lets the class in. */
function hears(net: Connectivity, pod: number, c: number): boolean {
  const row = net.ingress.rows[net.ingress.rowOf[pod]!];
  return row === undefined || both(net, row[c]!);
}

const kubeSystem = { name: DNS_NAMESPACE, labels: { 'kubernetes.io/metadata.name': DNS_NAMESPACE }, annotations: {} };

/** What the manifest says, for the engine to try. */
const allowDns: NetworkPolicy = {
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  namespace: '',
  name: 'allow-dns',
  selector: [],
  ingress: undefined,
  egress: [
    {
      peers: [
        {
          kind: 'pods',
          namespaces: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [DNS_NAMESPACE] }],
          pods: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }],
        },
      ],
      ports: (['UDP', 'TCP'] as const).map((protocol) => ({ protocol, from: 53, to: 53 })),
    },
  ],
  annotations: {},
};
