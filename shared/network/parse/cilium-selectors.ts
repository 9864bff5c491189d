// Selectors of Cilium's policies: labels of pods, of their namespaces, and of identities that are not pods.
import type { Requirement, Selector } from '../objects.ts';
import { selectorAt } from './raw.ts';

const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';
/** The label by which the name of a namespace is asked for. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/** Keys that no label of a pod or namespace carries: service accounts, other clusters. */
const UNDECIDABLE = /^io\.cilium\.k8s\.policy\./;

/** What the keys of identities that are not pods begin with. */
export const RESERVED = 'reserved:';
/** Without a colon `reserved.` and `$` say the same (Cilium, pkg/labels, parseSource). */
const OTHER_RESERVED = /^(reserved\.|\$)(?=[^:]*$)/;
/** It holds only where there is such a label. */
export const isPositive = ({ operator }: Requirement): boolean => operator === 'In' || operator === 'Exists';

export interface CiliumSelectors {
  readonly namespaces: Selector | string;
  readonly pods: Selector;
  /** Requirements of identities that are not pods: health checks, hosts, pods without labels yet. */
  readonly reserved: Selector;
  /** It also asks for what neither pods nor namespaces carry, which is left out. */
  readonly undecidable: boolean;
}

/**
 * Reads a selector as Cilium does: a key without a source is of any, the labels of pods are of the source k8s, and no
 * pod has a label of another one (Cilium, pkg/labels, GetExtendedKeyFrom; pkg/k8s/apis/cilium.io/utils).
 * @param own the namespace that a selector means when it names none; undefined for cluster-wide policies
 */
export function toSelectors(raw: unknown, path: string, own: string | undefined): CiliumSelectors {
  const pods: Requirement[] = [];
  const namespaces: Requirement[] = [];
  const reserved: Requirement[] = [];
  let undecidable = false;
  for (const requirement of selectorAt(raw, path, withoutSource)) {
    const key = requirement.key.replace(/^(k8s|any):/, '').replace(OTHER_RESERVED, RESERVED);
    if (key === `${RESERVED}all`) undecidable = true;
    else if (key.startsWith(RESERVED)) {
      reserved.push({ ...requirement, key });
      if (isPositive(requirement)) pods.push(nobody(key));
    } else if (UNDECIDABLE.test(key)) undecidable = true;
    else if (key === NAMESPACE_KEY) namespaces.push({ ...requirement, key: NAMESPACE_NAME });
    else if (key.startsWith(NAMESPACE_LABEL))
      namespaces.push({ ...requirement, key: key.slice(NAMESPACE_LABEL.length) });
    else if (!key.includes(':')) pods.push({ ...requirement, key });
    else if (isPositive(requirement)) pods.push(nobody(key));
  }
  return { namespaces: namespaces.length > 0 || own === undefined ? namespaces : own, pods, reserved, undecidable };
}

/** @returns a label's key without what Cilium puts before it: `k8s:`, `any:`, `reserved:`, `$` */
export const withoutSource = (key: string): string => key.replace(/^([^:/]*:|\$)/, '');

/** A requirement that no pod meets. */
const nobody = (key: string): Requirement => ({ key, operator: 'In', values: [] });
