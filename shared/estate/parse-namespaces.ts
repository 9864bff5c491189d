// The managed namespaces of a cluster, from a listing of their own or from a body that carries them.
import { z } from 'zod';
import type { ManagedNamespace, ManagedNamespaces } from '../model/cluster.ts';
import { defined, lowerKeys, maybe, text, word } from './arm-words.ts';

const policySchema = maybe(z.object({ ingress: word, egress: word }));
const namespaceSchema = z.object({
  name: text,
  id: text,
  properties: maybe(z.object({ defaultnetworkpolicy: policySchema })),
  defaultnetworkpolicy: policySchema,
});

/** @returns the managed namespaces of a listing; undefined when it is not a listing of namespaces */
export function parseManagedNamespaces(raw: unknown): readonly ManagedNamespace[] | undefined {
  const parsed = z.array(namespaceSchema).safeParse(lowerKeys(raw));
  if (!parsed.success) return undefined;
  return parsed.data.map((namespace, index) => {
    const policy = namespace.properties?.defaultnetworkpolicy ?? namespace.defaultnetworkpolicy;
    const name = namespace.name ?? namespace.id?.slice(namespace.id.lastIndexOf('/') + 1) ?? `namespace ${index}`;
    return defined({ name, ingress: policy?.ingress, egress: policy?.egress });
  });
}

/** @param raw what a cluster's body carries @returns the facts that follow from it; none when it carries nothing */
export function managedNamespacesOf(raw: unknown): ManagedNamespaces {
  if (raw === undefined) return {};
  const managedNamespaces = parseManagedNamespaces(raw);
  if (managedNamespaces) return { managedNamespaces };
  const message = 'managedNamespaces in the ARM body cannot be understood: it is not a list of managed namespaces.';
  return { managedNamespacesUnread: { reason: 'unrecognised-value', message } };
}
