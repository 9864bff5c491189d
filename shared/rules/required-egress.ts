// A workload that is closed for egress and cannot reach what its own objects name is broken, and gets opened in a hurry.
import type { Workload } from '../network/index.ts';
import { workloadName } from '../network/index.ts';
import { ALL } from '../network/port-sets.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { isIsolated } from './evidence/isolation.ts';
import { listed } from '../model/listed.ts';
import { grantInside } from '../model/reading-roles.ts';
import type { NeededService, Needs } from './evidence/needs.ts';
import { needsOf } from './evidence/needs.ts';
import type { ReachesApiServer } from './evidence/reaches-api-server.ts';
import { apiServerReach } from './evidence/reaches-api-server.ts';
import { egressFor } from './remedies/required-egress.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import { mayBeAddress, mayBePod, runTimeDecides } from './evidence/run-time.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';

/** Judges only what egress policies close: whether the destination lets it in is a matter of the destination's own policies. */
export const requiredEgress: Rule = {
  id: 'required-egress',
  title: 'Egress policies allow what the workload’s own objects name',
  failing: 'may not reach what its own objects name',
  rationale:
    'A workload that cannot reach the API server or the services it is told to call fails in ways that are hard to diagnose, and the usual hasty fix is to open egress altogether.',
  severity: 'medium',
  subject: 'workload',
  plane: 'in-cluster',
  since: 3,
  needsEngine: true,
  controls: ['AKS best practice'],
  references: [
    'https://learn.microsoft.com/azure/aks/network-policy-best-practices',
    'https://learn.microsoft.com/azure/aks/outbound-rules-control-egress',
  ],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const needs = needsOf(view);
    const reachesApi = apiServerReach(view);
    const nothing: Needs = { apiServer: false, services: [] };
    for (const workload of view.workloads)
      yield judge(view, workload, needs.get(workloadName(workload)) ?? nothing, reachesApi);
  },
};

function judge(
  view: View,
  workload: Workload,
  { apiServer, services }: Needs,
  reachesApi: ReachesApiServer,
): Judgement {
  const { net } = view;
  const it = about(workloadSubject(workload));
  const closed = workload.classes.filter((index) => isIsolated(net, 'egress', index));
  if (closed.length === 0) return it.notApplicable('It is not closed for egress.');
  if (!apiServer && services.length === 0)
    return it.notApplicable(`Its own objects name nothing that it needs besides DNS${unread(view)}.`);
  const missing = services.filter((needed) => closed.some((index) => !reaches(view, index, needed)));
  const api = apiServer ? closed.map(reachesApi) : [];
  if (missing.length === 0 && api.every((reached) => reached === true)) {
    const needed = listed([...(apiServer ? ['the API server'] : []), ...services.map(nameOf)]);
    return it.pass(`Its egress policies allow what its own objects name: ${needed}.`);
  }
  const doubt = doubtAbout(view, workload, 'egress');
  if (doubt) return it.unknown(doubt.reason, doubt.message);
  const misses = api.includes(false);
  const hangs = closed.some(
    (index) =>
      (missing.length > 0 && runTimeDecides(net, 'egress', index, mayBePod)) ||
      (misses && runTimeDecides(net, 'egress', index, (peer) => mayBeAddress(peer) || peer.kind === 'conditional')),
  );
  if (hangs)
    return it.unknown(
      'unrecognised-value',
      'Whether its egress policies allow what its own objects name depends on requests, names or services, which are known only at run time.',
    );
  if (missing.length === 0 && !misses)
    return it.unknown(
      'not-read',
      'It calls the API server, whose address was not read, and its egress policies allow only some of the addresses that it may have.',
      `Let the identity list endpointslices.discovery.k8s.io:\n${grantInside(view.cluster)}`,
    );
  const names = listed([...(misses ? ['the API server'] : []), ...missing.map(nameOf)]);
  return it.fail(
    `Its egress policies do not allow what its own objects name: ${names}.`,
    egressFor(view, workload, closed, { services: missing, apiServer: misses, names }),
  );
}

const nameOf = ({ service, port }: NeededService): string =>
  `Service ${service.namespace}/${service.name}${port === undefined ? '' : ` on port ${port}`}`;

/** One pod behind the Service is enough; where a port is named, it must be that one. */
function reaches({ net }: View, index: number, { port, behind }: NeededService): boolean {
  const row = net.egress.rowOf[index]!;
  return [...behind].some(([destination, wanted]) => {
    const open = row === -1 ? ALL : net.egress.rows[row]![destination]!;
    const common = net.ports.intersect(open, wanted);
    return port === undefined ? common !== 0 : common === wanted;
  });
}

/** Without the role bindings it is not known which service accounts call the API server. */
function unread({ read }: View): string {
  const kinds = (read.unreadHints ?? []).filter((kind) => /^(cluster)?rolebindings\./.test(kind));
  return kinds.length === 0 ? '' : `, as far as can be told without ${listed(kinds)}`;
}
