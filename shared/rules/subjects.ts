// The subjects of findings, named as everybody names them.
import type { Subject } from '../model/finding.ts';
import type { Workload } from '../network/index.ts';
import { workloadName } from '../network/index.ts';
import type { PolicyRef } from '../network/objects.ts';
import { kindName } from '../network/objects.ts';

export const namespaceSubject = (name: string): Subject => `namespace/${name}`;
export const workloadSubject = (workload: Pick<Workload, 'namespace' | 'kind' | 'name'>): Subject =>
  `workload/${workloadName(workload)}`;
export const policySubject = (policy: PolicyRef): Subject =>
  `policy/${policy.namespace}/${policy.name}[${kindName(policy)}]`;
export const serviceSubject = (service: { namespace: string; name: string }): Subject =>
  `service/${service.namespace}/${service.name}`;
