// The shape of a Kubernetes object as a person writes it.

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** @returns the object in a field, or an empty one */
export const fieldsOf = (owner: unknown, name: string): Fields => {
  const value = isFields(owner) ? owner[name] : undefined;
  return isFields(value) ? value : {};
};

export const isKubeObject = (value: unknown): value is KubeObject =>
  isFields(value) &&
  typeof value['apiVersion'] === 'string' &&
  typeof value['kind'] === 'string' &&
  typeof fieldsOf(value, 'metadata')['name'] === 'string';

/** @returns the API group: empty for core kinds */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** @returns `Kind.group/namespace/name`, the same for the same object whatever its version */
export const identityOf = ({ apiVersion, kind, metadata }: KubeObject): string =>
  `${kind}.${groupOf(apiVersion)}/${metadata.namespace ?? ''}/${metadata.name}`;
