// Loaded before everything else of the deployed bundle: an older Node would start, and then fail here and there.

/** What the Azure SDKs and the HTTP client ask for; `engines` in package.json says the same. */
const LEAST = [22, 19] as const;

/**
 * @param version as in process.versions.node
 * @throws Error saying what is needed, where it is older
 */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return;
  throw new Error(
    `Bulkhead needs Node ${LEAST.join('.')} or later, and this is Node ${version}: choose Node 22 or later for the function app.`,
  );
}

requireNode(process.versions.node);
