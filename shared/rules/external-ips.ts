// A Service may claim any address as its own, and gets the traffic that pods and nodes send there.
import { listed } from '../model/listed.ts';
import { kubectl } from '../model/shell.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { serviceSubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

const NO_ADDRESSES = '{"spec":{"externalIPs":null}}';

export const externalIps: Rule = {
  id: 'external-ips',
  title: 'The service claims no external IP addresses',
  failing: 'claims external IP addresses',
  rationale:
    'Nobody checks that the addresses in externalIPs belong to the service: whoever may create one can take over traffic that is meant for others (CVE-2020-8554).',
  severity: 'medium',
  subject: 'service',
  plane: 'in-cluster',
  since: 3,
  controls: ['Kubescape: C-0283', 'CVE-2020-8554'],
  references: [
    'https://github.com/kubernetes/kubernetes/issues/97076',
    'https://kubernetes.io/docs/concepts/services-networking/service/#external-ips',
  ],
  *evaluate(snapshot) {
    const { objects, judged } = viewOf(snapshot);
    for (const service of objects.services) {
      if (!judged(service.namespace)) continue;
      const it = about(serviceSubject(service));
      // kube-proxy and Cilium make no rules for a name (Kubernetes, pkg/proxy/util: ShouldSkipService).
      if (service.type === 'ExternalName')
        yield it.notApplicable('It is a name for a host elsewhere and takes no traffic.');
      else if (service.externalIps.length === 0) yield it.pass('It claims no external address.');
      else
        yield it.fail(
          `It takes the traffic that pods and nodes send to ${listed(service.externalIps)}.`,
          [
            '# Traffic from outside should come through a Service of type LoadBalancer, an Ingress or a Gateway.',
            kubectl('patch', { group: '', kind: 'Service', ...service }, '--type', 'merge', '--patch', NO_ADDRESSES),
          ].join('\n'),
        );
    }
  },
};
