// The instance metadata service hands out tokens of the node's identity to whoever can reach it.
import { findAtom, parseIp } from '../network/ip.ts';
import type { AnyPolicy, Connectivity, Workload } from '../network/index.ts';
import { admittedBy, closed, podOf, tryPolicy, withAtom } from '../network/index.ts';
import type { CiliumPeer, CiliumRule } from '../network/objects.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { selectedBy } from './evidence/isolation.ts';
import { dnsRule } from './remedies/dns-rule.ts';
import { redirectOf } from './evidence/local-redirects.ts';
import { editPolicy, engineFirst, manifestFor } from './remedies/manifests.ts';
import { remembered } from './evidence/remembered.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';

/** Azure Instance Metadata Service. */
const ADDRESS = '169.254.169.254';
const METADATA = parseIp(ADDRESS)!;

export const metadataEndpointBlocked: Rule = {
  id: 'metadata-endpoint-blocked',
  title: 'The workload cannot reach the instance metadata endpoint',
  failing: 'can reach the instance metadata endpoint',
  rationale:
    'A compromised pod that reaches 169.254.169.254 may get tokens of the node’s identity and act in Azure with them.',
  severity: 'low',
  subject: 'workload',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['Least privilege', 'Threat matrix for Kubernetes: instance metadata API'],
  references: ['https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const { workloads, net } = view;
    const atom = findAtom(net.atoms, METADATA);
    const redirect = redirectOf(view, ADDRESS);
    const exitOf = remembered(
      (index) => net.egress.profileOf[index]!,
      (index) => findExit(net, index),
    );
    for (const workload of workloads) {
      const open = workload.classes.some((c) => net.ports.includes(withAtom(net, 'egress', c, atom), 'TCP', 80));
      const conditional = workload.classes.some((c) => mayReachAddresses(net, c));
      const unsure = doubtAbout(view, workload, 'egress');
      const it = about(workloadSubject(workload));
      if (unsure) yield it.unknown(unsure.reason, unsure.message);
      else if (redirect)
        yield it.unknown(
          'unrecognised-value',
          `CiliumLocalRedirectPolicy ${redirect.namespace}/${redirect.name} sends connections to 169.254.169.254 to pods instead: whether it can get a token depends on what they hand out.`,
        );
      else if (open) yield it.fail('It can reach 169.254.169.254 on TCP 80.', remedy(view, workload, exitOf));
      else if (conditional)
        yield it.unknown(
          'unrecognised-value',
          'Whether it can reach 169.254.169.254 depends on requests, services or CIDR groups that the policies do not spell out.',
        );
      else yield it.pass('It cannot reach 169.254.169.254 on TCP 80.');
    }
  },
};

/** How a class of pods gets out to that address. */
interface Exit {
  readonly selecting: readonly AnyPolicy[];
  /** Those of them that let it out. */
  readonly culprits: readonly AnyPolicy[];
  /** One more policy would close it. */
  readonly closable: boolean;
}

function findExit(net: Connectivity, index: number): Exit {
  const selecting = selectedBy(net, 'egress', index);
  const culprits = selecting.filter((policy) => letsOut(net, index, policy));
  return { selecting, culprits, closable: closes(net, index) };
}

/** Policies add up: where some let the workload out to that address, those have to be narrowed; otherwise one more policy closes it. */
function remedy(view: View, workload: Workload, exitOf: (index: number) => Exit): string {
  if (view.engine === 'none') return engineFirst(view);
  const exits = workload.classes.map(exitOf);
  const culprits = exits.flatMap((exit) => exit.culprits);
  const isClosable = culprits.length > 0 || exits.every(({ closable }) => closable);
  const narrowed = new Set(isClosable ? culprits : exits.flatMap(({ selecting }) => selecting));
  if (narrowed.size > 0)
    return [...narrowed]
      .map((policy) => editPolicy(policy, 'Allow the addresses that are needed, and not 169.254.169.254.'))
      .join('\n');
  return [
    '# Closes its egress except to its own namespace and DNS. First add what else it needs, or it breaks.',
    manifestFor(view, workload, 'no-metadata', [
      'policyTypes: [Egress]',
      'egress:',
      '  - to: [{ podSelector: {} }]',
      ...dnsRule(view),
    ]),
  ].join('\n');
}

/** A tier that comes first may let everything past a NetworkPolicy. */
function closes(net: Connectivity, index: number): boolean {
  const set = tryPolicy(net, 'egress', index, closed, []).atoms[findAtom(net.atoms, METADATA)]!;
  return !net.ports.includes(set, 'TCP', 80);
}

function letsOut(net: Connectivity, index: number, policy: AnyPolicy): boolean {
  const set = admittedBy(net, policy, 'egress', podOf(net, index), []).atoms[findAtom(net.atoms, METADATA)]!;
  return net.ports.includes(set, 'TCP', 80);
}

/** What a filter on requests lets out is decided at run time, and so are the addresses of a group that was not read; domain names do not lead to this one. */
const mayReachAddresses = (net: Connectivity, c: number): boolean =>
  net.egress.selected[c]!.cilium.some(({ egress }) =>
    egress.allows.some(
      ({ conditional, peers, ports }) =>
        conditional && mayBeItsPort(ports) && (peers === undefined || peers.some(mayBeAddress)),
    ),
  );

/** A name may stand for any number. */
const mayBeItsPort = (ports: CiliumRule['ports']): boolean =>
  ports === undefined ||
  ports.some((port) => 'name' in port || (port.protocol === 'TCP' && port.from <= 80 && 80 <= port.to));

const mayBeAddress = (peer: CiliumPeer): boolean =>
  peer.kind === 'world' || peer.kind === 'ip' || (peer.kind === 'conditional' && peer.addresses === true);
