// Whom a kubeconfig signs in as: its server, and a certificate or token, from the text itself or from files that it names.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

export interface Account {
  /** `https://HOST:PORT` */
  readonly server: string;
  /** All PEM. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

type Fields = Readonly<Record<string, string | undefined>>;
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: Fields }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Fields }[];
  readonly users?: readonly { readonly name: string; readonly user: Fields }[];
}

/**
 * @param path of a kubeconfig
 * @param context the context to use; undefined: its current one
 * @throws TypeError naming what is missing, or a way to sign in that is not supported
 */
export function readAccount(path: string, context: string | undefined): Account {
  const config = (parse(readFileSync(path, 'utf8')) ?? {}) as Kubeconfig;
  const wanted = context ?? config['current-context'] ?? config.contexts?.[0]?.name;
  const found = config.contexts?.find(({ name }) => name === wanted)?.context;
  if (!found) throw new TypeError(`${path} has no context ${wanted ?? 'at all'}`);
  const cluster = config.clusters?.find(({ name }) => name === found['cluster'])?.cluster;
  if (!cluster?.['server']) throw new TypeError(`${path} has no server for the context ${wanted}`);
  const user = config.users?.find(({ name }) => name === found['user'])?.user ?? {};
  if ('exec' in user || 'auth-provider' in user)
    throw new TypeError(
      `${path} signs in with a program: make one with a token or a certificate (kubectl create token)`,
    );
  // Paths in a kubeconfig start at its own folder.
  const text = (owner: Fields, name: string): string | undefined => {
    const data = owner[`${name}-data`];
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    return owner[name] ? readFileSync(resolve(dirname(path), owner[name]), 'utf8') : undefined;
  };
  return {
    server: cluster['server'],
    ca: text(cluster, 'certificate-authority'),
    cert: text(user, 'client-certificate'),
    key: text(user, 'client-key'),
    token: user['token'] ?? (user['tokenFile'] ? readFileSync(user['tokenFile'], 'utf8').trim() : undefined),
  };
}

/** @returns a kubeconfig that holds everything itself, as AKS gives it */
export function writeKubeconfig({ server, ca, cert, key, token }: Account): string {
  const base64 = (text: string | undefined): string | undefined => text && Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'u',
        user: token ? { token } : { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      },
    ],
  });
}
