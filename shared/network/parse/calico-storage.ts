// Calico's objects as crd.projectcalico.org/v1 holds them: what people wrote into their metadata lies in an annotation, and names carry the tier.
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject } from './raw.ts';

const STORAGE_GROUP = 'crd.projectcalico.org';
export const CALICO_ANNOTATION = 'projectcalico.org/metadata';
const DEFAULT_PREFIX = 'default.';

/** One group is what people see, the other how Calico stores it: both serve the same kinds. */
export const isCalico = (group: string): boolean => group === 'projectcalico.org' || group === STORAGE_GROUP;

/**
 * @returns the object with the labels and annotations that people gave it: those of the annotation win over its own
 * (Calico, libcalico-go/lib/backend/k8s/resources/resources.go, ConvertK8sResourceToCalicoResource)
 * @throws ObjectError when the annotation cannot be read: Calico skips such an object (customresource.go, list_pager.go)
 */
export function restored(raw: Raw, group: string): Raw {
  const kept = group === STORAGE_GROUP ? keptOf(raw) : undefined;
  if (!kept) return raw;
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const merged = (field: 'labels' | 'annotations'): Raw => ({
    ...(isObject(metadata[field]) ? metadata[field] : {}),
    ...(isObject(kept[field]) ? kept[field] : {}),
  });
  return { ...raw, metadata: { ...metadata, labels: merged('labels'), annotations: merged('annotations') } };
}

/**
 * @returns the name by which the object is the same in both groups: a policy of the default tier has it with or without
 * the prefix (Calico, lib/names, TieredPolicyName; its migration to v3 takes the prefix off)
 */
export function commonName(raw: Raw, kind: string, group: string, name: string): string {
  if (!kind.endsWith('NetworkPolicy')) return name;
  const given = group === STORAGE_GROUP ? nameIn(raw) : undefined;
  const tier = isObject(raw['spec']) ? raw['spec']['tier'] : undefined;
  const called = given ?? name;
  const isDefault = isAbsent(tier) || tier === '' || tier === 'default';
  return isDefault && called.startsWith(DEFAULT_PREFIX) ? called.slice(DEFAULT_PREFIX.length) : called;
}

/** Of two that are one object the newer group's counts. */
export const isOlder = (group: string): boolean => group === STORAGE_GROUP;

function nameIn(raw: Raw): string | undefined {
  try {
    const name = keptOf(raw)?.['name'];
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch (error) {
    if (error instanceof ObjectError) return undefined;
    throw error;
  }
}

const isText = (value: unknown): boolean => isAbsent(value) || typeof value === 'string';
const isTexts = (value: unknown): boolean => isAbsent(value) || (isObject(value) && Object.values(value).every(isText));

function keptOf(raw: Raw): Raw | undefined {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const text = isObject(metadata['annotations']) ? metadata['annotations'][CALICO_ANNOTATION] : undefined;
  if (typeof text !== 'string') return undefined;
  const kept = parseJson(text);
  if (isObject(kept) && isText(kept['name']) && isTexts(kept['labels']) && isTexts(kept['annotations'])) return kept;
  throw new ObjectError(
    `metadata.annotations.${CALICO_ANNOTATION}`,
    'is not the metadata that Calico writes there: Calico leaves the object out. Apply the object again from its manifest',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
