// Cuts a raw object down to what policies depend on, as soon as it arrives: what is dropped here never costs memory again.

import { EXEMPT_ANNOTATION } from '../../model/exemption.ts';
import { CALICO_ANNOTATION } from '../../network/parse/calico-storage.ts';
import { PRIVATE_INGRESS, serviceAnnotations } from '../../network/parse/surroundings.ts';
import { placementLabels } from '../../network/parse/platforms.ts';
import type { Raw } from '../../network/parse/raw.ts';
import { isObject } from '../../network/parse/raw.ts';
import { referencesIn } from '../../network/parse/references.ts';

const objectAt = (value: unknown): Raw => (isObject(value) ? value : {});

/** Those that anybody reads: the others, of 256 KiB an object, say nothing about policy. */
const readAnnotations = [EXEMPT_ANNOTATION, CALICO_ANNOTATION, PRIVATE_INGRESS, ...serviceAnnotations];

export type Slim = (raw: unknown) => unknown;

/**
 * @param kind and apiVersion: items of core lists do not carry them
 * @returns a function that gives an object of the same shape with fewer fields
 */
export function slimmer(kind: string, apiVersion: string): Slim {
  const intern = interner();
  const head = { apiVersion, kind };
  if (kind === 'Pod') return (raw) => ({ ...head, metadata: podMetadata(raw, intern), ...podBody(raw, intern) });
  if (kind === 'DaemonSet')
    return (raw) => {
      const { desiredNumberScheduled, numberReady } = objectAt(objectAt(raw)['status']);
      // Without its template: in a live cluster the pods speak for themselves.
      return { ...head, metadata: nameOf(raw), status: { desiredNumberScheduled, numberReady } };
    };
  if (kind === 'Job') return (raw) => ({ ...head, metadata: { ...nameOf(raw), ownerReferences: ownersOf(raw) } });
  if (kind === 'Service')
    return (raw) => {
      const { type, selector, externalTrafficPolicy, ports, externalIPs, loadBalancerSourceRanges } = objectAt(
        objectAt(raw)['spec'],
      );
      const annotations = picked(objectAt(objectAt(raw)['metadata'])['annotations'], serviceAnnotations);
      return {
        ...head,
        metadata: { ...nameOf(raw), annotations },
        spec: {
          type,
          selector,
          externalTrafficPolicy,
          ports: withoutRest(ports),
          externalIPs,
          loadBalancerSourceRanges,
        },
      };
    };
  if (kind === 'Namespace')
    return (raw) => {
      const { labels, annotations, deletionTimestamp } = objectAt(objectAt(raw)['metadata']);
      const { phase } = objectAt(objectAt(raw)['status']);
      const metadata = { ...nameOf(raw), labels, annotations: picked(annotations, readAnnotations), deletionTimestamp };
      return { ...head, metadata, ...(phase === 'Terminating' ? { status: { phase } } : {}) };
    };
  if (kind === 'Node')
    return (raw) => {
      const { metadata, spec, status } = objectAt(raw);
      const { podCIDR, podCIDRs } = objectAt(spec);
      const labels = picked(objectAt(metadata)['labels'], placementLabels);
      const { addresses } = objectAt(status);
      return { ...head, metadata: { ...nameOf(raw), labels }, spec: { podCIDR, podCIDRs }, status: { addresses } };
    };
  if (kind === 'ServiceAccount')
    return (raw) => {
      const { automountServiceAccountToken } = objectAt(raw);
      return { ...head, metadata: nameOf(raw), automountServiceAccountToken };
    };
  if (kind.endsWith('RoleBinding'))
    return (raw) => ({ ...head, metadata: nameOf(raw), subjects: objectAt(raw)['subjects'] });
  if (kind === 'EndpointSlice')
    return (raw) => {
      const { metadata, ports, endpoints } = objectAt(raw);
      return { ...head, metadata: { ...nameOf(raw), labels: objectAt(metadata)['labels'] }, ports, endpoints };
    };
  return (raw) => {
    // Everything in a policy is kept but what is known to mean nothing: Cilium has `specs` beside `spec`, and others may have more.
    const { metadata, status: _status, ...meaning } = objectAt(raw);
    const { labels, annotations } = objectAt(metadata);
    return {
      ...meaning,
      ...head,
      metadata: { ...nameOf(raw), labels, annotations: picked(annotations, readAnnotations) },
    };
  };
}

/** @returns the object with these of its fields only */
const picked = (value: unknown, keys: readonly string[]): Raw => {
  const given = objectAt(value);
  return Object.fromEntries(keys.flatMap((key) => (key in given ? [[key, given[key]]] : [])));
};

function nameOf(raw: unknown): Raw {
  const { name, namespace } = objectAt(objectAt(raw)['metadata']);
  return namespace === undefined ? { name } : { name, namespace };
}

function ownersOf(raw: unknown): unknown {
  const { ownerReferences } = objectAt(objectAt(raw)['metadata']);
  return Array.isArray(ownerReferences)
    ? ownerReferences.map((owner: unknown) => {
        const { kind, name, controller } = objectAt(owner);
        return { kind, name, controller };
      })
    : undefined;
}

function podMetadata(raw: unknown, intern: Intern): Raw {
  const { name, namespace, labels, deletionTimestamp, deletionGracePeriodSeconds } = objectAt(
    objectAt(raw)['metadata'],
  );
  return {
    name,
    namespace: intern(namespace),
    labels: internLabels(labels, intern),
    ownerReferences: ownersOf(raw),
    // Few pods are on their way out: the others do without these two.
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp, deletionGracePeriodSeconds }),
  };
}

function podBody(raw: unknown, intern: Intern): Raw {
  const { spec, status } = objectAt(raw);
  const { phase, podIP, podIPs } = objectAt(status);
  // Finished pods are not endpoints: only whom they belonged to matters.
  if (phase === 'Succeeded' || phase === 'Failed') return { status: { phase } };
  const { hostNetwork, containers, initContainers, serviceAccountName, automountServiceAccountToken } = objectAt(spec);
  const { nodeName, nodeSelector, os } = objectAt(spec);
  const selector = picked(nodeSelector, placementLabels);
  return {
    spec: {
      hostNetwork,
      nodeName: intern(nodeName),
      ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
      ...(os === undefined ? {} : { os }),
      containers: telling(containers, intern),
      initContainers: telling(initContainers, intern),
      // Most pods have the account that they would have anyway.
      ...(serviceAccountName === 'default' ? {} : { serviceAccountName: intern(serviceAccountName) }),
      ...(automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken }),
    },
    status: { phase: intern(phase), podIP, podIPs },
  };
}

/** Only containers that declare ports, or are told hosts to call, say anything. Of their settings nothing but those hosts is kept. */
function telling(containers: unknown, intern: Intern): unknown {
  if (!Array.isArray(containers)) return undefined;
  return containers.flatMap((raw: unknown) => {
    const container = objectAt(raw);
    const { ports, restartPolicy } = container;
    const args = referencesIn(container).map(intern);
    const declares = Array.isArray(ports) && ports.length > 0;
    return declares || args.length > 0
      ? [{ restartPolicy, ...(declares ? { ports } : {}), ...(args.length > 0 ? { args } : {}) }]
      : [];
  });
}

/** Ports of a Service, without the ports of the nodes. */
const withoutRest = (ports: unknown): unknown =>
  Array.isArray(ports)
    ? ports.map((raw: unknown) => {
        const { name, protocol, port, targetPort } = objectAt(raw);
        return { name, protocol, port, targetPort };
      })
    : ports;

type Intern = (value: unknown) => unknown;

/** Thousands of pods carry the same few texts: each is kept once. */
function interner(): Intern {
  const known = new Map<string, string>();
  return (value) => {
    if (typeof value !== 'string') return value;
    const found = known.get(value);
    if (found !== undefined) return found;
    if (known.size < 50_000) known.set(value, value);
    return value;
  };
}

function internLabels(labels: unknown, intern: Intern): unknown {
  if (!isObject(labels)) return labels;
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, intern(value)]));
}
