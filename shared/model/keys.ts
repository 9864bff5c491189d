// Keys: readable, collision-safe text for Table Storage out of ids that carry slashes.
import { createHash } from 'node:crypto';

/** Table keys hold at most 512 characters, without / \ # ? and control characters (Understanding the Table service data model). */
const MAX_KEY_CHARS = 512;

/**
 * @param id any text
 * @returns the text with everything but a-z, 0-9 and `-_.()` escaped as `!` and four hex digits, so that distinct ids stay distinct;
 *   a text too long for a key ends in its hash
 */
export function encodeKey(id: string): string {
  const escaped = id.replaceAll(/[^a-z0-9\-_.()]/g, (c) => `!${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (escaped.length <= MAX_KEY_CHARS / 2) return escaped;
  return `${escaped.slice(0, 180)}!!${createHash('sha256').update(id).digest('hex')}`;
}

const ARM_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)$/;

export interface ClusterIdParts {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** @returns the parts of a cluster's ARM id in any case, or undefined when it is not one */
export function parseClusterId(id: string): ClusterIdParts | undefined {
  const match = ARM_ID.exec(id.toLowerCase());
  if (!match) return undefined;
  return { subscriptionId: match[1]!, resourceGroup: match[2]!, name: match[3]! };
}

/**
 * @param id a cluster's ARM id in any case
 * @returns `SUBSCRIPTION~GROUP~NAME`, each part escaped; other ids are escaped whole
 */
export function clusterKey(id: string): string {
  const parts = parseClusterId(id);
  if (!parts) return encodeKey(id.toLowerCase());
  return [parts.subscriptionId, parts.resourceGroup, parts.name].map(encodeKey).join('~');
}

/** Sorts newest first: milliseconds since 1970 counted down, as fixed-width text. @param at the moment */
export function reverseTimeKey(at: Date): string {
  return String(9_999_999_999_999 - at.getTime()).padStart(13, '0');
}
