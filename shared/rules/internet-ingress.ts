// Which addresses of the internet policies let in to a workload, and whether a way leads them there.
import { formatRange } from '../network/ip.ts';
import type { Workload } from '../network/index.ts';
import { workloadName } from '../network/index.ts';
import { isEveryPublicV4 } from '../network/public-addresses.ts';
import { engineEnabled } from './engine-enabled.ts';
import { podIsolated } from './pod-isolated.ts';
import { administrationPorts } from './facts/administration-ports.ts';
import { admitsAddresses } from './evidence/admits-addresses.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { isIsolated, selectedBy } from './evidence/isolation.ts';
import { listed } from '../model/listed.ts';
import { shellComment } from '../model/shell.ts';
import { editPolicy, manifestFor } from './remedies/manifests.ts';
import type { Admitted } from './evidence/public-reach.ts';
import { publicReach, usedWays } from './evidence/public-reach.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import { mayBeAddress, runTimeDecides } from './evidence/run-time.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';
import type { WayTo } from './evidence/ways-in.ts';
import { waysIn } from './evidence/ways-in.ts';

export const internetIngress: Rule = {
  id: 'internet-ingress',
  title: 'No public address may reach the workload',
  failing: 'lets public addresses in',
  rationale:
    'A policy that admits public addresses leaves its pods open to the internet as soon as a load balancer, a node port or an Ingress leads to them.',
  severity: {
    high: 'every port, or one for administration or a database, with a way from outside that leads there',
    low: 'anything else',
  },
  subject: 'workload',
  plane: 'in-cluster',
  since: 3,
  needsEngine: true,
  controls: ['Trivy: KUBE-0001, KUBE-0002', 'Kubescape: C-0256, C-0266', 'kube-linter: exposed-services'],
  references: [
    'https://learn.microsoft.com/azure/aks/network-policy-best-practices',
    'https://learn.microsoft.com/azure/aks/internal-lb',
  ],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const ways = waysIn(view, ({ namespace, owner }) => workloadName({ namespace, ...owner }));
    const admittedTo = publicReach(view);
    for (const workload of view.workloads)
      yield judge(view, workload, admittedTo(workload), ways.get(workloadName(workload)) ?? []);
    const told = new Set(view.workloads.map(workloadSubject));
    for (const stray of view.ungoverned) {
      const used = usedWays(view.net, admittedTo(stray), ways.get(workloadName(stray)) ?? []);
      // That no policy covers it there is told by pod-isolated; a way that leads there is told here.
      if (used.length > 0 && !told.has(workloadSubject(stray))) yield judgeOpen(view, stray, used);
    }
  },
};

function judge(view: View, workload: Workload, admitted: readonly Admitted[], ways: readonly WayTo[]): Judgement {
  const { net } = view;
  const it = about(workloadSubject(workload));
  const doubt = doubtAbout(view, workload, 'ingress');
  if (doubt) return it.unknown(doubt.reason, doubt.message);
  const used = usedWays(net, admitted, ways);
  if (!workload.classes.some((index) => isIsolated(net, 'ingress', index))) return judgeOpen(view, workload, used);
  if (admitted.length > 0) return judgeAdmitting(view, workload, admitted, used);
  if (workload.classes.some((index) => runTimeDecides(net, 'ingress', index, mayBeAddress)))
    return about(workloadSubject(workload), 'low').unknown(
      'unrecognised-value',
      'Whether public addresses may reach it depends on requests, names or groups, which are known only at run time.',
    );
  return about(workloadSubject(workload), 'low').pass(`No public address may reach it by policy.${proxies(ways)}`);
}

/** Without a way in, that nothing closes it is the finding of pod-isolated. */
function judgeOpen(view: View, workload: Workload, used: readonly WayTo[]): Judgement {
  const it = about(workloadSubject(workload));
  const isGoverned = workload.classes.some((index) => view.net.classes[index]!.governed);
  const why = !isGoverned
    ? 'It runs where nothing enforces policy'
    : view.engine === 'none'
      ? 'No engine is on, so no policy closes it for ingress'
      : 'No policy closes it for ingress';
  if (used.length === 0)
    return about(workloadSubject(workload), 'low').notApplicable(
      `${why}, and no way from outside leads there${unread(view)}.`,
    );
  const remedy = isGoverned && view.engine !== 'none' ? closing(view, workload, used) : takingAway(used);
  return it.fail(`${why}, and ${leading(used)}.`, remedy);
}

function judgeAdmitting(
  view: View,
  workload: Workload,
  admitted: readonly Admitted[],
  used: readonly WayTo[],
): Judgement {
  const { ports } = view.net;
  const everyTcp = ports.range('TCP', 1, 65_535);
  const isEvery = admitted.some((entry) => ports.intersect(entry.ports, everyTcp) === everyTcp);
  const critical = isEvery ? [] : administrationPorts(ports, ports.unionOf(used.map((entry) => entry.ports)));
  const whom = isEveryPublicV4(admitted.flatMap(({ parts }) => parts))
    ? 'Every public address'
    : `Public addresses (${listed(
        admitted.map(({ range }) => formatRange(range)),
        3,
      )})`;
  const set = ports.format(ports.unionOf(admitted.map((entry) => entry.ports))).replaceAll(/,(?=[A-Z])/g, ', ');
  const how = used.length === 0 ? `; no way from outside leads there${unread(view)}` : `, and ${leading(used)}`;
  const names = critical.length === 0 ? '' : ` Among them: ${listed(critical)}.`;
  return about(workloadSubject(workload), used.length > 0 && (isEvery || critical.length > 0) ? 'high' : 'low').fail(
    `${whom} may reach it on ${isEvery ? 'every port' : set} by policy${how}.${names}${proxies(used)}`,
    narrowing(view, workload),
  );
}

function leading(used: readonly WayTo[]): string {
  const names = used.map(({ way }) => way.what);
  return `${listed(names, 3)} ${used.length === 1 ? 'leads' : 'lead'} there`;
}

/** What a client sends through a controller arrives from that: policies never see the client's address. */
function proxies(ways: readonly WayTo[]): string {
  const through = ways.filter(({ way }) => way.proxied).map(({ way }) => way.what);
  return through.length === 0
    ? ''
    : ` What comes through ${listed(through, 3)} arrives with the address of its controller, not the client's: let the controller in, and no public address.`;
}

/** What could not be read may lead there as well. */
function unread({ read }: View): string {
  const kinds = (read.unreadHints ?? []).filter((kind) => /^(ingresses|gateways|\w+routes)\./.test(kind));
  return kinds.length === 0 ? '' : `, as far as can be told without ${listed(kinds, 3)}`;
}

function narrowing({ net }: View, workload: Workload): string {
  const culprits = [...new Set(workload.classes.flatMap((index) => admitsAddresses(net, index)))];
  return culprits
    .map((policy) =>
      editPolicy(
        policy,
        'Replace public addresses with the pods or the private blocks that need access, or exempt the workload if it is meant to be public.',
      ),
    )
    .join('\n');
}

const takingAway = (used: readonly WayTo[]): string =>
  [
    `# No policy helps until something enforces it there (see ${engineEnabled.id} and ${podIsolated.id}). Close the way in from outside:`,
    ...used.map(({ way }) => way.close),
  ].join('\n');

function closing(view: View, workload: Workload, used: readonly WayTo[]): string {
  const { net } = view;
  // Policies that select it and only allow may stand before one that would close it.
  if (workload.classes.some((index) => selectedBy(net, 'ingress', index).length > 0)) return narrowing(view, workload);
  return [
    '# Lets its own namespace in; add the ingress controller and whoever else needs it.',
    manifestFor(view, workload, 'no-internet', [
      'policyTypes: [Ingress]',
      'ingress:',
      '  - from: [{ podSelector: {} }]',
    ]),
    '# If nobody outside needs it, close the way in as well:',
    ...used.map(({ way }) => shellComment(way.close)),
  ].join('\n');
}
