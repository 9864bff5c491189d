// The ports on which a workload is reached, or reaches others, as a snapshot keeps them: in words, or as a fingerprint where they are too many.
import { fingerprint } from './fingerprint.ts';
import type { Protocol } from './objects.ts';
import type { PortSets } from './port-sets.ts';
import { NONE, createPortSets } from './port-sets.ts';

/** On which ports pods are met, and on which the internet is: like `TCP 80,8080-8090,UDP 53`, `All Connections`, or empty. */
export type MetPorts = readonly [pods: string, internet: string];

export interface PortsChange {
  readonly before: string;
  readonly after: string;
  /** Some are open that were closed, or they are too many to tell. */
  readonly opens: boolean;
}

/** Who names more than that is told that they changed, and not how. */
const MOST_CHARS = 60;
const MANY = 'many ports #';

/** @returns the ports as they are kept, in at most 60 characters whatever the policies name */
export function keptPorts(ports: PortSets, id: number): string {
  const text = ports.format(id);
  return text.length <= MOST_CHARS ? text : MANY + fingerprint(text);
}

/** @returns kept ports for people to read */
export const portWords = (kept: string): string =>
  kept.startsWith(MANY)
    ? 'many ports'
    : kept === 'All Connections'
      ? 'every port'
      : kept.replaceAll(/,(?=[A-Z])/g, ', ');

/** @returns what changed, where there were some before and are some now; undefined otherwise: that is told as reach gained or lost */
export function comparePorts(before: string, after: string): PortsChange | undefined {
  if (before === after || before === '' || after === '') return undefined;
  return { before, after, opens: isOpened(before, after) };
}

function isOpened(before: string, after: string): boolean {
  if ([before, after].some((kept) => kept.startsWith(MANY))) return true;
  if (after === 'All Connections') return true;
  if (before === 'All Connections') return false;
  const ports = createPortSets();
  return ports.subtract(parse(ports, after), parse(ports, before)) !== NONE;
}

/** @param kept as `format` writes it */
function parse(ports: PortSets, kept: string): number {
  let protocol: Protocol = 'TCP';
  return ports.ranges(
    kept.split(',').map((part) => {
      const [, name, from, to] = /^(?:([A-Z]+) )?(\d+)(?:-(\d+))?$/.exec(part)!;
      if (name !== undefined) protocol = name as Protocol;
      return { protocol, from: Number(from), to: Number(to ?? from) };
    }),
  );
}
