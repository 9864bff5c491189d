// Commands that people paste into a shell: every one is made here, so that a name with a blank or a bracket in it stays one word.
import type { Cluster } from './cluster.ts';

/** @returns the text as one word of a POSIX shell */
function shellWord(text: string): string {
  return /^[\w./:@%+,-][\w./:@%+=,-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** @returns one command line of these words */
export const shellLine = (...words: readonly string[]): string => words.map(shellWord).join(' ');

/** @param text may hold names from a cluster: it stays on its line */
export const shellComment = (text: string): string => `# ${text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')}`;

type Named = Pick<Cluster, 'subscriptionId' | 'resourceGroup' | 'name'>;

/**
 * @param verb of `az aks`: `update`, `nodepool delete`
 * @param options words, each to be quoted
 * @returns the command for this very cluster
 */
export function azAks(cluster: Named, verb: string, ...options: readonly string[]): string {
  // Commands about a part of a cluster keep --name for the part.
  const name = verb.includes(' ') ? '--cluster-name' : '-n';
  const { subscriptionId, resourceGroup } = cluster;
  const place = ['--subscription', subscriptionId, '-g', resourceGroup, name, cluster.name];
  return shellLine('az', 'aks', ...verb.split(' '), ...place, ...options);
}

interface KubernetesObject {
  /** `''` for the core group. */
  readonly group: string;
  readonly kind: string;
  /** `''` for what belongs to the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * Names the kind with its group: two groups have a NetworkPolicy, and without one kubectl takes that of Kubernetes.
 * @param verb one word: `edit`, `patch`
 * @param options words, each to be quoted
 * @returns the command for this very object
 */
export function kubectl(
  verb: string,
  { group, kind, namespace, name }: KubernetesObject,
  ...options: readonly string[]
): string {
  const type = kind.toLowerCase() + (group === '' ? '' : `.${group}`);
  return shellLine('kubectl', verb, type, name, ...(namespace === '' ? [] : ['--namespace', namespace]), ...options);
}

/** @returns how the app's identity is given a role; PRINCIPAL is for the reader to fill in */
export const azGrant = (role: string, scope: string): string =>
  shellLine('az', 'role', 'assignment', 'create', '--assignee', 'PRINCIPAL', '--role', role, '--scope', scope);
