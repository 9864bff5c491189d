// NPM lets traffic from outside through to isolated pods when the node, not the client, is its source.
import { kubectl } from '../model/shell.ts';
import type { Connectivity } from '../network/index.ts';
import type { Service } from '../network/objects.ts';
import { matches } from '../network/selectors.ts';
import { isIsolated } from './evidence/isolation.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { serviceSubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

const LOCAL = '{"spec":{"externalTrafficPolicy":"Local"}}';

export const npmLoadBalancerBypass: Rule = {
  id: 'npm-load-balancer-bypass',
  title: 'The service does not bypass ingress policies',
  failing: 'lets traffic bypass ingress policies',
  rationale:
    'With externalTrafficPolicy Cluster the node rewrites the source, and NPM does not enforce ingress policies on such traffic.',
  severity: 'medium',
  subject: 'service',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['AKS documentation: differences between NPM and Cilium'],
  references: ['https://learn.microsoft.com/azure/aks/migrate-from-npm-to-cilium-network-policy'],
  *evaluate(snapshot) {
    const { objects, net, engine, judged } = viewOf(snapshot);
    for (const service of objects.services) {
      if (!judged(service.namespace)) continue;
      const it = about(serviceSubject(service));
      const outside = service.type === 'LoadBalancer' || service.type === 'NodePort';
      if (engine !== 'azure') yield it.notApplicable('The engine is not NPM.');
      else if (!outside || !reachesIsolated(net, service))
        yield it.notApplicable('It does not lead from outside to isolated pods.');
      else if (service.externalTrafficPolicy === 'Local')
        yield it.pass('It keeps the client’s address (externalTrafficPolicy Local).');
      else
        yield it.fail(
          'Traffic through it reaches isolated pods whatever their ingress policies say.',
          kubectl('patch', { group: '', kind: 'Service', ...service }, '--patch', LOCAL),
        );
    }
  },
};

/** @returns whether a pod behind it is closed for ingress by a policy */
function reachesIsolated(net: Connectivity, { namespace, selector }: Service): boolean {
  const required = Object.entries(selector).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
  const { pods, namespaces } = net.objects;
  return net.classes.some(
    (c, index) =>
      required.length > 0 &&
      namespaces[c.namespace]!.name === namespace &&
      isIsolated(net, 'ingress', index) &&
      c.members.some((m) => matches(required, pods[m]!.labels)),
  );
}
