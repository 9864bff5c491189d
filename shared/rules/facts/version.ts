// Kubernetes versions as AKS writes them.

/** @returns major and minor of `1.34.2`, `v1.34` and the like; undefined for anything else */
export function parseVersion(version: string | undefined): readonly [number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** @returns true when the version is known and older */
export function isBelow(version: string | undefined, major: number, minor: number): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && (parsed[0] < major || (parsed[0] === major && parsed[1] < minor));
}
