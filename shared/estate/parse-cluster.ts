// ARM managed-cluster bodies, as any tool exports them, to the one normalised shape. Never throws: a field that cannot be understood is named, and a body that is not a cluster's is a problem.
import { z } from 'zod';
import type { Cluster } from '../model/cluster.ts';
import type { ListedCluster } from '../model/estate.ts';
import { parseClusterId } from '../model/keys.ts';
import { parseTolerantly } from './arm-fields.ts';
import type { Lowered } from './arm-words.ts';
import { blankToAbsent, defined, flag, lowerKeys, maybe, text, texts, word } from './arm-words.ts';
import { managedNamespacesOf } from './parse-namespaces.ts';
import { buildPool, poolSchema } from './parse-pool.ts';

const networkSchema = z.object({
  networkplugin: word,
  networkpluginmode: word,
  networkpolicy: word,
  networkdataplane: word,
  ipfamilies: texts,
  podcidr: text,
  podcidrs: texts,
  servicecidr: text,
  servicecidrs: texts,
  dnsserviceip: text,
  outboundtype: word,
  advancednetworking: maybe(
    z.object({ enabled: flag, security: maybe(z.object({ enabled: flag, advancednetworkpolicies: word })) }),
  ),
});

const propertiesSchema = z.object({
  kubernetesversion: text,
  currentkubernetesversion: text,
  provisioningstate: word,
  powerstate: maybe(z.object({ code: word })),
  networkprofile: maybe(networkSchema),
  agentpoolprofiles: maybe(z.array(poolSchema)),
  nodeprovisioningprofile: maybe(z.object({ mode: word })),
  aadprofile: maybe(z.object({ managed: flag, enableazurerbac: flag })),
  disablelocalaccounts: flag,
  apiserveraccessprofile: maybe(
    z.object({
      enableprivatecluster: flag,
      enablevnetintegration: flag,
      authorizedipranges: texts,
      disableruncommand: flag,
    }),
  ),
  fqdn: text,
});

const bodySchema = z.object({
  id: z.string(),
  name: text,
  location: text,
  tags: maybe(
    z.record(
      z.string(),
      // Exports that went through another tool carry bare numbers and booleans.
      z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => String(value ?? '')),
    ),
  ),
  sku: maybe(z.object({ name: word })),
});

/**
 * @param raw a managed cluster as ARM returns it (`properties` inside) or as `az aks` and the SDKs print it (flattened)
 * @returns the normalised cluster with the fields that could not be understood, or its id and name, and why the body is not that of a cluster
 */
export function parseCluster(raw: unknown): ListedCluster {
  const body = lowerKeys(raw);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return problem(raw, 'it is not an object');
  const top = body as Lowered;
  const head = parseTolerantly(bodySchema, top);
  if ('error' in head) return problem(raw, describe(head.error));
  const parts = parseClusterId(head.data.id);
  if (!parts) return problem(raw, `id: ${head.data.id.slice(0, 200)} is not the id of a managed cluster`);
  const nested = blankToAbsent(top['properties']);
  if (nested !== undefined && (typeof nested !== 'object' || Array.isArray(nested)))
    return problem(raw, 'properties: it is not an object');
  const properties = parseTolerantly(propertiesSchema, nested ?? top);
  if ('error' in properties) return problem(raw, describe(properties.error, nested ? 'properties.' : ''));
  const id = head.data.id.toLowerCase();
  const name = shortened(head.data.name ?? head.data.id.slice(head.data.id.lastIndexOf('/') + 1));
  const cluster = build({ ...parts, id, name }, head.data, properties.data);
  const unreadableFields = [...head.unreadable, ...properties.unreadable];
  return {
    id,
    name,
    cluster: {
      ...cluster,
      ...managedNamespacesOf(blankToAbsent(top['managednamespaces'])),
      ...(unreadableFields.length > 0 ? { unreadableFields } : {}),
    },
  };
}

function build(
  identity: { id: string; name: string; subscriptionId: string; resourceGroup: string },
  head: z.output<typeof bodySchema>,
  body: z.output<typeof propertiesSchema>,
): Cluster {
  const api = body.apiserveraccessprofile;
  const cluster = {
    id: identity.id,
    name: identity.name,
    subscriptionId: identity.subscriptionId,
    resourceGroup: /\/resourcegroups\/([^/]+)/i.exec(head.id)?.[1] ?? identity.resourceGroup,
    location: head.location?.toLowerCase() ?? '',
    kubernetesVersion: body.currentkubernetesversion ?? body.kubernetesversion,
    tags: head.tags ?? {},
    network: body.networkprofile && buildNetwork(body.networkprofile),
    pools: (body.agentpoolprofiles ?? []).map(buildPool),
    power: body.powerstate?.code,
    provisioning: body.provisioningstate,
    sku: head.sku?.name,
    autoProvisioning: body.nodeprovisioningprofile?.mode === 'auto',
    // Automatic clusters always have Entra with Azure RBAC (AKS Automatic documentation).
    entra: body.aadprofile !== undefined || head.sku?.name === 'automatic',
    azureRbac: (body.aadprofile?.enableazurerbac ?? false) || head.sku?.name === 'automatic',
    localAccountsDisabled: body.disablelocalaccounts ?? false,
    privateApi: api?.enableprivatecluster ?? false,
    vnetApi: api?.enablevnetintegration,
    authorizedIpRanges: api?.authorizedipranges ?? [],
    runCommandDisabled: api?.disableruncommand ?? false,
    fqdn: body.fqdn,
  };
  return defined(cluster);
}

function buildNetwork(network: z.output<typeof networkSchema>): NonNullable<Cluster['network']> {
  return defined({
    plugin: network.networkplugin,
    pluginMode: network.networkpluginmode,
    policy: network.networkpolicy,
    dataplane: network.networkdataplane,
    ipFamilies: (network.ipfamilies ?? []).map((family) => family.toLowerCase()),
    podCidrs: network.podcidrs ?? (network.podcidr ? [network.podcidr] : []),
    serviceCidrs: network.servicecidrs ?? (network.servicecidr ? [network.servicecidr] : []),
    dnsServiceIp: network.dnsserviceip,
    outboundType: network.outboundtype,
    advanced: network.advancednetworking && buildAdvanced(network.advancednetworking),
  });
}

function buildAdvanced({ enabled, security }: NonNullable<z.output<typeof networkSchema>['advancednetworking']>) {
  return defined({
    enabled: enabled ?? false,
    security: security?.enabled ?? false,
    policies: security?.advancednetworkpolicies,
  });
}

/** A cluster's name has at most 63 characters; what a body calls one must not fill a message. */
const shortened = (name: string): string => name.slice(0, 200);

function problem(raw: unknown, what: string): ListedCluster {
  const body = (raw !== null && typeof raw === 'object' ? lowerKeys(raw) : {}) as Lowered;
  const id = typeof body['id'] === 'string' ? body['id'].toLowerCase() : '';
  const last = id.slice(id.lastIndexOf('/') + 1);
  const name = shortened(typeof body['name'] === 'string' && body['name'] ? body['name'] : last || '(no name)');
  return { id, name, problem: `The body of ${name} cannot be understood: ${what}` };
}

function describe(error: z.ZodError, prefix = ''): string {
  const [first, ...more] = error.issues;
  const place = first?.path.join('.');
  const rest = more.length > 0 ? ` (and ${more.length} more)` : '';
  return `${place ? `${prefix}${place}: ` : ''}${first?.message ?? 'invalid'}${rest}`;
}
