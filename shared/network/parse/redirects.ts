// CiliumLocalRedirectPolicy: connections to an address or a Service go to pods of its namespace on the same node, and
// policies see those pods instead (AKS documentation, Azure CNI powered by Cilium: Local Redirect Policy).
import type { LocalRedirect } from '../objects.ts';
import { parseIp } from '../ip.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, objectAt, selectorAt, shown, textAt } from './raw.ts';

/** @throws ObjectError with the path of what is wrong */
export function parseRedirect(raw: Raw, namespace: string, name: string): LocalRedirect {
  const spec = objectAt(raw['spec'], 'spec');
  const frontend = objectAt(spec['redirectFrontend'], 'spec.redirectFrontend');
  const backend = objectAt(spec['redirectBackend'], 'spec.redirectBackend');
  const place = 'spec.redirectBackend.localEndpointSelector';
  return {
    namespace,
    name,
    from: parseFrontend(frontend, namespace),
    backends: selectorAt(backend['localEndpointSelector'], place),
  };
}

function parseFrontend({ addressMatcher, serviceMatcher }: Raw, own: string): LocalRedirect['from'] {
  const path = 'spec.redirectFrontend';
  if (isAbsent(addressMatcher) === isAbsent(serviceMatcher))
    throw new ObjectError(path, 'must have either addressMatcher or serviceMatcher');
  if (!isAbsent(addressMatcher)) {
    const ip = textAt(objectAt(addressMatcher, `${path}.addressMatcher`)['ip'], `${path}.addressMatcher.ip`);
    if (parseIp(ip) === undefined) throw new ObjectError(`${path}.addressMatcher.ip`, `${shown(ip)} is not an address`);
    return { ip };
  }
  const { serviceName, namespace } = objectAt(serviceMatcher, `${path}.serviceMatcher`);
  const service = textAt(serviceName, `${path}.serviceMatcher.serviceName`);
  return { service, namespace: isAbsent(namespace) ? own : textAt(namespace, `${path}.serviceMatcher.namespace`) };
}
