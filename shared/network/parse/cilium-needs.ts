// What a Cilium policy asks for that Cilium on AKS gives only with Advanced Container Networking Services.
import type { CiliumNeed } from '../objects.ts';
import type { Raw } from './raw.ts';
import { isObject } from './raw.ts';

/** What makes Cilium send traffic through its proxy (Cilium, pkg/policy/api/l4.go). */
const PROXY_FIELDS = ['serverNames', 'listener', 'terminatingTLS', 'originatingTLS'];

/**
 * @param spec of a policy that could be understood
 * @returns `fqdn` for rules about domain names, `l7` for rules about requests
 */
export function needsOf(spec: Raw): readonly CiliumNeed[] {
  const rules = ['ingress', 'egress'].flatMap((side) => objectsOf(spec[side]));
  const ports = rules.flatMap((rule) => objectsOf(rule['toPorts']));
  const kinds = ports.flatMap((port) => (isObject(port['rules']) ? filled(port['rules']) : []));
  const names = rules.some((rule) => filled(rule).includes('toFQDNs')) || kinds.includes('dns');
  const requests =
    kinds.some((kind) => kind !== 'dns') ||
    ports.some((port) => filled(port).some((field) => PROXY_FIELDS.includes(field)));
  return [...(names ? (['fqdn'] as const) : []), ...(requests ? (['l7'] as const) : [])];
}

const objectsOf = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Fields that say something: Cilium takes an empty list of rules for none. */
const filled = (object: Raw): readonly string[] =>
  Object.entries(object).flatMap(([field, value]) =>
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
      ? []
      : [field],
  );
