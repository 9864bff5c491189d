// Connections as lines: `SRC => DST : CONNECTIONS`, sorted.
import type { Connectivity } from './compile.ts';
import type { IpRange } from './ip.ts';
import { formatIp } from './ip.ts';
import { NONE } from './port-sets.ts';
import { addressReach, betweenWorkloads, workloadName, workloadsOf } from './reach.ts';

export interface Connection {
  readonly source: string;
  readonly destination: string;
  readonly connections: string;
}

/** `a.b.c.d-e.f.g.h[External]` */
export const rangeName = ({ from, to }: IpRange): string => `${formatIp(from)}-${formatIp(to)}[External]`;

/** @returns every allowed connection between different workloads, and between workloads and addresses, in the order of its line */
export function connectionsOf(net: Connectivity): readonly Connection[] {
  const workloads = workloadsOf(net);
  const found: Connection[] = [];
  const add = (source: string, destination: string, ports: number): void => {
    if (ports !== NONE) found.push({ source, destination, connections: net.ports.format(ports) });
  };
  for (const source of workloads) {
    const name = workloadName(source);
    for (const destination of workloads)
      if (destination !== source) add(name, workloadName(destination), betweenWorkloads(net, source, destination));
    for (const { range, ports } of addressReach(net, 'egress', source)) add(name, rangeName(range), ports);
    for (const { range, ports } of addressReach(net, 'ingress', source)) add(rangeName(range), name, ports);
  }
  // Lines differ in their ends, which are far shorter than what may stand behind them.
  return found
    .map((connection) => ({ connection, ends: `${connection.source} => ${connection.destination}` }))
    .toSorted((a, b) => compareLines(a.ends, b.ends))
    .map(({ connection }) => connection);
}

export const formatConnection = ({ source, destination, connections }: Connection): string =>
  `${source} => ${destination} : ${connections}`;

export const compareLines = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
