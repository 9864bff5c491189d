// The few things of a kubeconfig that are needed to reach one API server: its address, its CA, and a local account if it carries one.
import { parse } from 'yaml';
import { z } from 'zod';

/** A credential that is not of Entra: on AKS it is cluster-admin. */
export type LocalAccount =
  | { readonly kind: 'certificate'; readonly cert: string; readonly key: string }
  | { readonly kind: 'token'; readonly token: string };

export interface ApiServer {
  /** `https://HOST:PORT` */
  readonly server: string;
  /** PEM; undefined when the server's certificate comes from a public authority. */
  readonly ca?: string;
  readonly local?: LocalAccount;
}

/** Far above any real kubeconfig, far below what would hurt. */
const MAX_CHARS = 1_000_000;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const name = z.string();
const schema = z.object({
  'current-context': z.string().nullish(),
  contexts: z.array(z.object({ name, context: z.object({ cluster: name, user: name.nullish() }) })),
  clusters: z.array(
    z.object({ name, cluster: z.object({ server: z.string(), 'certificate-authority-data': base64.nullish() }) }),
  ),
  users: z
    .array(
      z.object({
        name,
        user: z
          .object({
            'client-certificate-data': base64.nullish(),
            'client-key-data': base64.nullish(),
            token: z.string().nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/**
 * @param text a kubeconfig as AKS gives it, YAML or JSON
 * @returns the server of its current context, or of its first one
 * @throws TypeError saying what is wrong with it and where, never showing its content
 */
export function parseKubeconfig(text: string): ApiServer {
  const { 'current-context': wanted, contexts, clusters, users } = read(text);
  const context = (wanted ? contexts.find((c) => c.name === wanted) : contexts[0])?.context;
  if (!context) throw new TypeError('the kubeconfig has no context to use');
  const cluster = clusters.find((c) => c.name === context.cluster)?.cluster;
  if (!cluster) throw new TypeError('the kubeconfig has no cluster for its context');
  const user = users?.find((u) => u.name === context.user)?.user;
  const ca = cluster['certificate-authority-data'];
  const { 'client-certificate-data': cert, 'client-key-data': key, token } = user ?? {};
  const local: LocalAccount | undefined =
    cert && key ? { kind: 'certificate', cert, key } : token ? { kind: 'token', token } : undefined;
  return { server: httpsOrigin(cluster.server), ...(ca ? { ca } : {}), ...(local ? { local } : {}) };
}

function read(text: string): z.output<typeof schema> {
  if (text.length > MAX_CHARS) throw new TypeError('the kubeconfig is too long');
  let raw: unknown;
  try {
    // Warnings would be printed, and they quote the text.
    raw = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch {
    // The parser's message quotes the text, which may hold a key.
    throw new TypeError('the kubeconfig is not valid YAML');
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.');
  throw new TypeError(`the kubeconfig lacks ${place || 'everything'}, or it has another shape there`);
}

/** A token never goes over anything but TLS. */
function httpsOrigin(server: string): string {
  const url = URL.parse(server);
  if (url?.protocol !== 'https:') throw new TypeError('clusters.server of the kubeconfig is not an https address');
  return url.origin;
}
