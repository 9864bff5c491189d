// The read side of the Kubernetes API over one cluster's state: discovery, lists in pages, single objects, and the errors of the real one.
import type { ClusterState } from './cluster-state.ts';
import { list } from './list.ts';
import type { Resource } from './resources.ts';
import { apiVersionOf, resourceName } from './resources.ts';
import type { ApiAnswer } from './status.ts';
import { notThere, status } from './status.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
}

/** Azure Kubernetes Service RBAC Reader gives no access to nodes, secrets or roles (Azure built-in roles, containers). */
const NEVER = ['nodes', 'secrets', '*.rbac.authorization.k8s.io'];

/** @param forbidden what the identity may not read: `pods`, `*.cilium.io` or `*` */
export function answer(request: ApiRequest, state: ClusterState, forbidden: readonly string[]): ApiAnswer {
  if (request.method !== 'GET')
    return status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
  const known = discovery(request.path, state);
  if (known) return { status: 200, body: known };
  const target = resolve(request.path, state);
  if (!target) return notThere;
  const { resource, namespace, name } = target;
  if (isForbidden(resource, forbidden)) return refuse(target);
  const objects = state.served.get(resource)!;
  if (name !== undefined) {
    const found = objects.find((o) => o.metadata.name === name && (o.metadata.namespace ?? '') === (namespace ?? ''));
    return found
      ? { status: 200, body: found }
      : status(404, 'NotFound', `${resourceName(resource)} "${name}" not found`, { name, ...detailsOf(resource) });
  }
  return list(
    { ...request, version: state.resourceVersion },
    resource,
    namespace === undefined ? objects : objects.filter((o) => o.metadata.namespace === namespace),
  );
}

interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** `/api/v1/...` and `/apis/GROUP/VERSION/...`, with `namespaces/NAME/` before namespaced resources. */
function resolve(path: string, { served }: ClusterState): Target | undefined {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const group = parts[0] === 'api' ? '' : parts[1];
  const version = parts[0] === 'api' ? parts[1] : parts[2];
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const find = (plural: string | undefined): Resource | undefined =>
    [...served.keys()].find((r) => r.group === group && r.version === version && r.plural === plural);
  if (rest[0] === 'namespaces' && rest.length >= 3) {
    const resource = find(rest[2]);
    return resource?.namespaced && rest.length <= 4 ? { resource, namespace: rest[1], name: rest[3] } : undefined;
  }
  const resource = find(rest[0]);
  if (!resource || rest.length > (resource.namespaced ? 1 : 2)) return undefined;
  return { resource, namespace: undefined, name: rest[1] };
}

const isForbidden = (resource: Resource, forbidden: readonly string[]): boolean =>
  [...NEVER, ...forbidden].some((entry) =>
    entry === '*'
      ? true
      : entry.startsWith('*.')
        ? resource.group === entry.slice(2)
        : entry === resourceName(resource),
  );

function refuse({ resource, namespace, name }: Target): ApiAnswer {
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const verb = name === undefined ? 'list' : 'get';
  const what = `resource "${resource.plural}" in API group "${resource.group}" ${where}`;
  const message = `${resourceName(resource)} is forbidden: User "simulated" cannot ${verb} ${what}`;
  return status(403, 'Forbidden', message, { ...(name === undefined ? {} : { name }), ...detailsOf(resource) });
}

const detailsOf = ({ group, plural }: Resource): object => ({ ...(group === '' ? {} : { group }), kind: plural });

function discovery(path: string, { served, version }: ClusterState): unknown {
  const [major, minor] = version.split('.');
  if (path === '/version') return { major, minor, gitVersion: `v${version}`, platform: 'linux/amd64' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  const inGroups = [...served.keys()].filter((resource) => resource.group !== '');
  if (path === '/apis') {
    const groups = [...Map.groupBy(inGroups, (resource) => resource.group)].map(([name, members]) => {
      const versions = [...new Set(members.map(apiVersionOf))].map((groupVersion) => ({
        groupVersion,
        version: groupVersion.slice(name.length + 1),
      }));
      return { name, versions, preferredVersion: versions[0] };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  const members = [...served.keys()].filter(
    (resource) => path === (resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`),
  );
  if (members.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(members[0]!),
    resources: members.map(({ plural, kind, namespaced }) => ({
      name: plural,
      kind,
      namespaced,
      verbs: ['get', 'list'],
    })),
  };
}
