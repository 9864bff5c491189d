// Kubernetes objects, projected to what network policy depends on. Plain data: what an object does not say is absent.

import type { Surroundings } from './surroundings.ts';
import { noSurroundings } from './surroundings.ts';

export type Labels = Readonly<Record<string, string>>;
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
export type Direction = 'ingress' | 'egress';
export const directions: readonly Direction[] = ['ingress', 'egress'];

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** It is being deleted: nothing can be made in it any more, and what is left runs until it is gone. */
  readonly terminating?: boolean;
}

/** What engines differ by. Behind a virtual node there is no machine that an engine could run on. */
export type Platform = 'linux' | 'windows' | 'virtual';
/** The nodes of one system, where an engine enforces a policy differently on the others. */
export interface OnNodes {
  /** Absent: on all that it runs on. */
  readonly on?: 'linux' | 'windows';
}

export interface Node {
  readonly name: string;
  /** Absent when nothing says. */
  readonly platform?: Platform;
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
}

/** What a pod belongs to: its controller, or itself. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly owner: Owner;
  /** A workload's template stands for this many pods; a pod for one. */
  readonly replicas: number;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  /** Where it runs; absent when nothing says. */
  readonly platform?: Platform;
  /** Succeeded, Failed or deleted: it is not an endpoint any more. */
  readonly finished: boolean;
  readonly ports: readonly NamedPort[];
  /** Ports that it opens on the address of its node. */
  readonly hostPorts?: readonly HostPort[];
  /** Its service account; undefined: `default`. */
  readonly account?: string;
  /** Whether it gets the token of its account; undefined: as the account says. */
  readonly mountsToken?: boolean;
  /** Hosts that its containers are told to call, as `SCHEME://HOST[:PORT]`. */
  readonly references?: readonly string[];
}

export type HostPort = Omit<NamedPort, 'name'>;

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}
/** All requirements must hold; an empty list selects everything. */
export type Selector = readonly Requirement[];

export interface IpBlock {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Whom a rule speaks of. `namespaces` absent: the policy's own namespace. */
export type Peer =
  | { readonly kind: 'pods'; readonly namespaces?: Selector; readonly pods: Selector }
  | { readonly kind: 'ip'; readonly block: IpBlock };

/** A number range of one protocol, or a name that each destination pod resolves for itself. */
export type PortRule =
  | { readonly protocol: Protocol; readonly from: number; readonly to: number }
  | { readonly protocol: Protocol; readonly name: string };

export interface PolicyRule {
  /** undefined: everybody, pods and addresses alike. */
  readonly peers: readonly Peer[] | undefined;
  /** undefined: every port of every protocol. */
  readonly ports: readonly PortRule[] | undefined;
}

export interface PolicyRef {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty for cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** networking.k8s.io/v1 NetworkPolicy. A direction that is undefined does not isolate. */
export interface NetworkPolicy extends PolicyRef, OnNodes {
  readonly kind: 'NetworkPolicy';
  readonly selector: Selector;
  readonly ingress: readonly PolicyRule[] | undefined;
  readonly egress: readonly PolicyRule[] | undefined;
  /** Rules of the direction that policyTypes leaves out: they mean nothing, except to Cilium. */
  readonly unlisted?: { readonly direction: Direction; readonly rules: readonly PolicyRule[] };
  readonly annotations: Labels;
}

export type AdminAction = 'Allow' | 'Deny' | 'Pass';

/** Whom an admin policy's rule speaks of: `networks` also cover pod addresses; nodes are left out, because no pod is a node. */
export interface AdminRule {
  readonly name: string;
  readonly action: AdminAction;
  readonly peers: readonly AdminPeer[];
  readonly ports: readonly PortRule[] | undefined;
}
export type AdminPeer =
  | { readonly kind: 'pods'; readonly namespaces: Selector; readonly pods: Selector }
  | { readonly kind: 'ip'; readonly block: IpBlock }
  /** Domain names, which are resolved only at run time: they allow nobody for certain. */
  | { readonly kind: 'names' }
  /** A peer this version does not know fails closed: it allows nobody, and denies everybody. */
  | { readonly kind: 'unknown' };

/** AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy (policy.networking.k8s.io). */
export interface AdminPolicy extends PolicyRef {
  readonly kind: 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
  readonly tier: 'Admin' | 'Baseline';
  readonly priority: number;
  readonly subject: { readonly namespaces: Selector; readonly pods: Selector };
  readonly ingress: readonly AdminRule[];
  readonly egress: readonly AdminRule[];
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly selector: Labels;
  /** `Cluster` or `Local`; empty where it does not apply. */
  readonly externalTrafficPolicy: string;
  readonly ports: readonly ServicePort[];
  readonly externalIps: readonly string[];
  /** Blocks that its load balancer lets in; empty: everybody. */
  readonly sourceRanges: readonly string[];
  /** Its load balancer has a private address. */
  readonly internal: boolean;
}

export interface ServicePort extends NamedPort {
  /** The port of its pods, by number or by the name that each gives it. */
  readonly target: number | string;
}

export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  readonly desired: number;
  readonly ready: number;
}

/** Whom a Cilium rule speaks of. Blocks and the world never mean pods; what is known only at run time is conditional. */
export type CiliumPeer =
  | { readonly kind: 'pods'; readonly namespaces: Selector | string; readonly pods: Selector }
  | { readonly kind: 'ip'; readonly block: IpBlock }
  | { readonly kind: 'world' }
  /** The API server by what it is, whatever its address. */
  | { readonly kind: 'apiServer' }
  /** `addresses`: it may mean any address; otherwise names that lead to none of the cluster's, or pods. */
  | { readonly kind: 'conditional'; readonly addresses?: boolean };

export interface CiliumRule {
  /** undefined: everybody. */
  readonly peers: readonly CiliumPeer[] | undefined;
  /** undefined: every port of every protocol. */
  readonly ports: readonly PortRule[] | undefined;
  /** Depends on names, requests or services: it may allow, and nothing in the objects tells. */
  readonly conditional: boolean;
}

export interface CiliumDirection {
  readonly isolates: boolean;
  readonly allows: readonly CiliumRule[];
  /** Win over every allowance, also over those of network policies. */
  readonly denies: readonly CiliumRule[];
}

/** Rules about domain names (`fqdn`) and about requests (`l7`): AKS enforces them only with services that are switched on separately. */
export type CiliumNeed = 'fqdn' | 'l7';

export interface CiliumPolicy extends PolicyRef {
  readonly kind: 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';
  /** Absent: it needs nothing but Cilium itself. */
  readonly needs?: readonly CiliumNeed[];
  readonly subject: { readonly namespaces: Selector | string; readonly pods: Selector };
  readonly ingress: CiliumDirection;
  readonly egress: CiliumDirection;
}

export type IpVersion = 4 | 6;

export type CalicoAction = 'Allow' | 'Deny' | 'Pass' | 'Log';

/** Calico's own language: `app == 'web' && has(tier)`. */
export interface CalicoSelector {
  matches(labels: Labels): boolean;
  /** Keys it looks at, with the values it names; undefined for keys whose text is searched. */
  readonly keys: ReadonlyMap<string, readonly string[] | undefined>;
  readonly text: string;
}

/** Everything that is given must hold. */
export interface CalicoEntity {
  readonly selector: CalicoSelector | undefined;
  readonly not: CalicoSelector | undefined;
  /** One namespace by name, those a selector matches, or any. */
  readonly namespaces: CalicoSelector | string | undefined;
  /** Only what is in no namespace: network sets. */
  readonly global: boolean;
  readonly nets: readonly IpBlock[] | undefined;
  readonly notNets: readonly IpBlock[];
}

export interface CalicoRule {
  readonly action: CalicoAction;
  /** The only family it is for; its nets may narrow it as well. */
  readonly ipVersion?: IpVersion | undefined;
  readonly protocols: readonly Protocol[];
  /** The protocols are those that a notProtocol leaves. */
  readonly negatesProtocol?: boolean;
  /** undefined: every port of the protocols. */
  readonly ports: readonly PortRule[] | undefined;
  readonly notPorts: readonly PortRule[];
  readonly source: CalicoEntity;
  readonly destination: CalicoEntity;
  /** Depends on what only run time knows. */
  readonly conditional: boolean;
}

/** projectcalico.org/v3. A direction that is undefined does not apply. */
export interface CalicoPolicy extends PolicyRef, OnNodes {
  readonly kind: 'NetworkPolicy' | 'GlobalNetworkPolicy';
  readonly tier: string;
  readonly order: number;
  readonly subject: CalicoSelector;
  readonly subjectNamespaces: CalicoSelector | string | undefined;
  readonly ingress: readonly CalicoRule[] | undefined;
  readonly egress: readonly CalicoRule[] | undefined;
}

export interface CalicoTier {
  readonly name: string;
  readonly order: number;
  /** What no policy of the tier decided goes on to the next tier instead of being denied. */
  readonly passes: boolean;
}

export interface LocalRedirect {
  readonly namespace: string;
  readonly name: string;
  /** An address, or a Service by name and namespace. */
  readonly from: { readonly ip: string } | { readonly service: string; readonly namespace: string };
  /** Pods of its own namespace. */
  readonly backends: Selector;
}

/** Addresses under labels; empty namespace: global. */
export interface NetworkSet {
  readonly namespace: string;
  readonly labels: Labels;
  readonly nets: readonly IpBlock[];
}

/** Policy objects of other makers, known by reference: their meaning depends on the engine. */
export interface ForeignPolicy extends PolicyRef {
  readonly family: 'cilium' | 'calico';
}

export interface ClusterObjects {
  readonly namespaces: readonly Namespace[];
  /** Empty where they may not be read. */
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly daemonSets: readonly DaemonSet[];
  readonly policies: readonly NetworkPolicy[];
  readonly adminPolicies: readonly AdminPolicy[];
  readonly ciliumPolicies: readonly CiliumPolicy[];
  readonly calicoPolicies: readonly CalicoPolicy[];
  readonly calicoTiers: readonly CalicoTier[];
  readonly networkSets: readonly NetworkSet[];
  readonly redirects: readonly LocalRedirect[];
  readonly foreignPolicies: readonly ForeignPolicy[];
  readonly surroundings: Surroundings;
  /** Objects that could not be understood; everything else is judged. */
  readonly problems: readonly ObjectProblem[];
  /** What is worth saying about objects that are judged: fields that nobody knows, an order that is left open. */
  readonly notes: readonly ObjectProblem[];
}

/** Pods that a policy may govern of which not all could be read: what could not be stands for everything. */
export interface PossibleReach {
  /** One namespace by name, those a selector matches, or any. */
  readonly namespaces: Selector | CalicoSelector | string | undefined;
  readonly pods: Selector | CalicoSelector;
  readonly directions: readonly Direction[];
}

export interface ObjectProblem {
  readonly ref: PolicyRef;
  /** Where in the object, for instance `spec.ingress[0].from[1].ipBlock.cidr`. */
  readonly path: string;
  readonly message: string;
  /**
   * Of a policy that was left out: pods that it may govern all the same, as any one of these. Ask `mayGovern`.
   * Absent where nothing was left out that could govern a pod.
   */
  readonly reach?: readonly PossibleReach[];
}

export const noObjects: ClusterObjects = {
  namespaces: [],
  nodes: [],
  pods: [],
  services: [],
  daemonSets: [],
  policies: [],
  adminPolicies: [],
  ciliumPolicies: [],
  calicoPolicies: [],
  calicoTiers: [],
  networkSets: [],
  redirects: [],
  foreignPolicies: [],
  surroundings: noSurroundings,
  problems: [],
  notes: [],
};

/** Kubernetes and Calico both call a kind NetworkPolicy: the name of Calico's carries its group, whichever of its two groups serves it. */
export const kindName = ({ group, kind }: Pick<PolicyRef, 'group' | 'kind'>): string =>
  kind === 'NetworkPolicy' && group.endsWith('projectcalico.org') ? `${kind}.projectcalico.org` : kind;

/** `NAMESPACE/NAME[Kind]`, or `NAME[Kind]` for what has no namespace. */
export const refName = (ref: PolicyRef): string =>
  `${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}[${kindName(ref)}]`;
