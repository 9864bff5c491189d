// `toPorts` of Cilium's rules: numbers, ranges and names, and what else must hold for a connection on them.
import type { PortRule } from '../objects.ts';
import { protocols } from '../objects.ts';
import { numberAt, portNameAt } from './policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, shown, textAt } from './raw.ts';

/** Cilium, pkg/policy/api/rule_validation.go. */
const MOST_PORTS = 40;

export interface CiliumPorts {
  /** undefined: every port of every protocol. */
  readonly ports: readonly PortRule[] | undefined;
  /** Requests, server names, certificates or a listener decide too, which only run time knows. */
  readonly filtered: boolean;
}

/** @param raw the list `toPorts` @throws ObjectError with the path of what Cilium or the API server refuses */
export function ciliumPortsAt(raw: unknown, path: string): CiliumPorts {
  const entries = listAt(raw, path).map((entry, i) => objectAt(entry, `${path}[${i}]`));
  const lists = entries.map((entry, i) => {
    const place = `${path}[${i}].ports`;
    const list = listAt(entry['ports'], place);
    if (list.length > MOST_PORTS)
      throw new ObjectError(place, `has ${list.length} ports; Cilium takes at most ${MOST_PORTS}`);
    return list;
  });
  const ports = lists.flatMap((list, i) => list.flatMap((port, j) => parsePort(port, `${path}[${i}].ports[${j}]`)));
  // No list of ports anywhere means every port.
  return { ports: lists.every((list) => list.length === 0) ? undefined : ports, filtered: entries.some(isFiltered) };
}

const FILTERS = ['serverNames', 'listener', 'terminatingTLS', 'originatingTLS'];

/** Rules for DNS say which names may be asked for; the port itself is open. */
const isFiltered = (entry: Raw): boolean =>
  (isObject(entry['rules']) && Object.keys(entry['rules']).some((key) => key !== 'dns')) ||
  FILTERS.some((field) => !isAbsent(entry[field]) && !isEmptyList(entry[field]));
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** What the API takes besides the three protocols modelled here. */
const OTHER_PROTOCOLS = ['ICMP', 'ICMPV6', 'VRRP', 'IGMP'];

/** Names compare in lower case, and a number that begins with 0 is read as octal (pkg/policy/api/rule_validation.go). */
function parsePort(raw: unknown, path: string): readonly PortRule[] {
  const { port, endPort, protocol } = objectAt(raw, path);
  const asked = isAbsent(protocol) || protocol === '' ? 'ANY' : textAt(protocol, `${path}.protocol`).toUpperCase();
  if (OTHER_PROTOCOLS.includes(asked)) return [];
  const all = protocols.filter((known) => asked === 'ANY' || asked === known);
  if (all.length === 0) throw new ObjectError(`${path}.protocol`, `${shown(protocol)} is not TCP, UDP, SCTP or ANY`);
  const text = textAt(port, `${path}.port`);
  if (text === '0') return all.map((one) => ({ protocol: one, from: 1, to: 65_535 }));
  if (!/^\d+$/.test(text)) {
    const name = portNameAt(text.toLowerCase(), `${path}.port`);
    return all.map((one) => ({ protocol: one, name }));
  }
  if (text.startsWith('0'))
    throw new ObjectError(`${path}.port`, `${shown(text)} begins with 0: write it without leading zeros`);
  const from = numberAt(Number(text), `${path}.port`);
  const to = isAbsent(endPort) || endPort === 0 ? from : numberAt(endPort, `${path}.endPort`);
  if (to < from) throw new ObjectError(`${path}.endPort`, `${to} is below the port ${from}`);
  return all.map((one) => ({ protocol: one, from, to }));
}
