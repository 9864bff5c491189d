// Cuts a raw object down to what policies depend on, as soon as it arrives: what is dropped here never costs memory again.

type Raw = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);
const objectAt = (value: unknown): Raw => (isObject(value) ? value : {});

/** The last applied manifest: a copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export type Slim = (raw: unknown) => unknown;

/**
 * @param kind and apiVersion: items of core lists do not carry them
 * @param finished the phase to give to pods of which only metadata was read
 * @returns a function that gives an object of the same shape with fewer fields
 */
export function slimmer(kind: string, apiVersion: string, finished?: string): Slim {
  const intern = interner();
  const head = { apiVersion, kind };
  if (kind === 'Pod')
    return (raw) => ({
      ...head,
      metadata: podMetadata(raw, intern),
      ...(finished === undefined ? podBody(raw, intern) : { status: { phase: finished } }),
    });
  if (kind === 'DaemonSet')
    return (raw) => {
      const { desiredNumberScheduled, numberReady } = objectAt(objectAt(raw)['status']);
      // Without its template: in a live cluster the pods speak for themselves.
      return { ...head, metadata: nameOf(raw), status: { desiredNumberScheduled, numberReady } };
    };
  if (kind === 'Job') return (raw) => ({ ...head, metadata: { ...nameOf(raw), ownerReferences: ownersOf(raw) } });
  if (kind === 'Service')
    return (raw) => {
      const { type, selector, externalTrafficPolicy } = objectAt(objectAt(raw)['spec']);
      return { ...head, metadata: nameOf(raw), spec: { type, selector, externalTrafficPolicy } };
    };
  return (raw) => {
    // Of a policy all is kept but what is known to mean nothing: Cilium has `specs` beside `spec`, and others may have more.
    const { metadata, status: _status, ...meaning } = objectAt(raw);
    const { labels, annotations } = objectAt(metadata);
    return { ...meaning, ...head, metadata: { ...nameOf(raw), labels, annotations: withoutManifest(annotations) } };
  };
}

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

function withoutManifest(annotations: unknown): unknown {
  if (!isObject(annotations) || !(LAST_APPLIED in annotations)) return annotations;
  const { [LAST_APPLIED]: _manifest, ...others } = annotations;
  return others;
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
  const { hostNetwork, containers, initContainers } = objectAt(spec);
  const { phase, podIP, podIPs } = objectAt(status);
  return {
    spec: { hostNetwork, containers: withPorts(containers), initContainers: withPorts(initContainers) },
    status: { phase: intern(phase), podIP, podIPs },
  };
}

/** Only containers that declare ports say anything that a policy can name. */
function withPorts(containers: unknown): unknown {
  if (!Array.isArray(containers)) return undefined;
  return containers.flatMap((container: unknown) => {
    const { ports, restartPolicy } = objectAt(container);
    return Array.isArray(ports) && ports.length > 0 ? [{ ports, restartPolicy }] : [];
  });
}

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
