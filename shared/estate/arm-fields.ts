// Which facts about a cluster come from which field of its ARM body: a field that cannot be understood costs only these.
import type { z } from 'zod';
import type { UnreadableField } from '../model/cluster.ts';

/** A body with more wrong fields than this is something other than a managed cluster. */
const MAX_WRONG = 20;

/** By the field's place in the body, `*` for any item of a list. A place that is not listed counts as the longest beginning of it that is. */
const FACTS: Readonly<Record<string, readonly string[]>> = {
  name: [],
  location: ['location'],
  tags: ['tags'],
  sku: ['sku', 'entra', 'azureRbac'],
  kubernetesVersion: ['kubernetesVersion'],
  currentKubernetesVersion: ['kubernetesVersion'],
  provisioningState: ['provisioning'],
  powerState: ['power'],
  networkProfile: ['network'],
  'networkProfile.networkPlugin': ['network.plugin'],
  'networkProfile.networkPluginMode': ['network.pluginMode'],
  'networkProfile.networkPolicy': ['network.policy'],
  'networkProfile.networkDataplane': ['network.dataplane'],
  'networkProfile.ipFamilies': ['network.ipFamilies'],
  'networkProfile.podCidr': ['network.podCidrs'],
  'networkProfile.podCidrs': ['network.podCidrs'],
  'networkProfile.serviceCidr': ['network.serviceCidrs'],
  'networkProfile.serviceCidrs': ['network.serviceCidrs'],
  'networkProfile.dnsServiceIP': ['network.dnsServiceIp'],
  'networkProfile.outboundType': ['network.outboundType'],
  'networkProfile.advancedNetworking': ['network.advanced'],
  agentPoolProfiles: ['pools'],
  'agentPoolProfiles.*.osType': ['pools.*.os'],
  'agentPoolProfiles.*.osSKU': ['pools.*.osSku'],
  'agentPoolProfiles.*.mode': ['pools.*.mode'],
  'agentPoolProfiles.*.count': ['pools.*.count'],
  'agentPoolProfiles.*.maxCount': ['pools.*.maxCount'],
  'agentPoolProfiles.*.enableAutoScaling': ['pools.*.autoscaling'],
  'agentPoolProfiles.*.virtualMachinesProfile': ['pools.*.count', 'pools.*.maxCount', 'pools.*.autoscaling'],
  'agentPoolProfiles.*.virtualMachineNodesStatus': ['pools.*.count'],
  'agentPoolProfiles.*.enableNodePublicIP': ['pools.*.publicIps'],
  'agentPoolProfiles.*.orchestratorVersion': ['pools.*.kubernetesVersion'],
  'agentPoolProfiles.*.currentOrchestratorVersion': ['pools.*.kubernetesVersion'],
  'agentPoolProfiles.*.localDNSProfile': ['pools.*.localDns'],
  nodeProvisioningProfile: ['autoProvisioning'],
  aadProfile: ['entra', 'azureRbac'],
  disableLocalAccounts: ['localAccountsDisabled'],
  apiServerAccessProfile: ['privateApi', 'vnetApi', 'authorizedIpRanges', 'runCommandDisabled'],
  'apiServerAccessProfile.enablePrivateCluster': ['privateApi'],
  'apiServerAccessProfile.enableVnetIntegration': ['vnetApi'],
  'apiServerAccessProfile.authorizedIPRanges': ['authorizedIpRanges'],
  'apiServerAccessProfile.disableRunCommand': ['runCommandDisabled'],
  fqdn: ['fqdn'],
};
const places = new Map(Object.entries(FACTS).map(([place, facts]) => [place.toLowerCase(), { place, facts }]));

export interface Tolerated<T> {
  readonly data: T;
  readonly unreadable: readonly UnreadableField[];
}

/**
 * @param body with lower-cased property names
 * @returns what the schema makes of the body without its wrong fields, and these fields; or the error, when one of them belongs to no fact that may be missing
 */
export function parseTolerantly<T extends z.ZodType>(
  schema: T,
  body: object,
): Tolerated<z.output<T>> | { readonly error: z.ZodError } {
  const first = schema.safeParse(body);
  if (first.success) return { data: first.data, unreadable: [] };
  const { error } = first;
  if (error.issues.length > MAX_WRONG) return { error };
  let rest: unknown = body;
  const unreadable: UnreadableField[] = [];
  for (const { path, message } of error.issues) {
    const field = fieldOf(path);
    const known = factsOf(field);
    if (!known) return { error };
    rest = without(rest, field);
    unreadable.push({ ...known, message });
  }
  const second = schema.safeParse(rest);
  return second.success ? { data: second.data, unreadable } : { error };
}

/** A wrong item of a list costs the whole list. */
function fieldOf(path: readonly PropertyKey[]): readonly (string | number)[] {
  const field = path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  while (typeof field.at(-1) === 'number') field.pop();
  return field;
}

function factsOf(field: readonly (string | number)[]): Pick<UnreadableField, 'place' | 'facts'> | undefined {
  for (let length = field.length; length > 0; length--) {
    const part = field.slice(0, length);
    const known = places.get(part.map((step) => (typeof step === 'number' ? '*' : step)).join('.'));
    if (!known) continue;
    const index = field.find((step) => typeof step === 'number');
    const fill = (text: string): string => text.replace('*', String(index));
    const inner = field.slice(length).map((step) => `.${step}`);
    return { place: fill(known.place) + inner.join(''), facts: known.facts.map(fill) };
  }
  return undefined;
}

/** @returns a copy that lacks the field; two wrong fields may lie within each other, and then the outer one is gone already */
function without(value: unknown, [step, ...inner]: readonly (string | number)[]): unknown {
  if (value === null || typeof value !== 'object' || step === undefined) return value;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === step ? without(item, inner) : item));
  const entries = Object.entries(value);
  return Object.fromEntries(
    inner.length === 0
      ? entries.filter(([key]) => key !== step)
      : entries.map(([key, item]) => [key, key === step ? without(item, inner) : item]),
  );
}
