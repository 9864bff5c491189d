// Manifests for remedies, as text that kubectl takes whatever the names in it are.
import type { Labels } from '../../network/objects.ts';

/** @returns the text as a YAML scalar: plain where nobody can read it otherwise, else quoted as JSON is */
export function yamlText(text: string): string {
  const plain = /^[a-z][-a-z0-9./_]*[a-z0-9]$/i.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** @returns labels as a flow mapping: `{ app: web, tier: "1" }` */
export const yamlLabels = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${yamlText(key)}: ${yamlText(value)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
};

/** @returns a pod selector for those labels; everything when there are none */
export const yamlSelector = (labels: Labels): string =>
  Object.keys(labels).length === 0 ? '{}' : `{ matchLabels: ${yamlLabels(labels)} }`;
