// The hosts that a container is told to call, by its settings and arguments. Of a value only host and port are kept, for the rest may be a secret.
import type { Raw } from './raw.ts';
import { isObject } from './raw.ts';

/** Far more than any container has; a longer value is a file, and is not searched to its end. */
const MOST = 100;
const LONGEST = 8_192;

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const HOST = `${LABEL}(?:\\.${LABEL})*`;
const URLS = new RegExp(`([a-z][a-z0-9+.-]{0,30})://(?:[^\\s/@"']{0,200}@)?(${HOST})(?::(\\d{1,5}))?(?![\\w.:-])`, 'g');
const WORDS = new RegExp(`(?<![\\w.:/@-])(${HOST})(?::(\\d{1,5}))?(?![\\w.:/@-])`, 'g');
const IN_CLUSTER = /\.svc(?:\.[a-z0-9.-]+)?$/;
/** A setting of such a name may be a bare host. */
const NAMES_HOST = /(?:HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|SERVER)$/i;
const NAMES_SECRET = /PASS|SECRET|TOKEN|KEY|CREDENTIAL/i;

/** @returns the hosts in the values and arguments of a container, as `SCHEME://HOST[:PORT]`, each once; asked about its own answer, it gives the same */
export function referencesIn(container: Raw): readonly string[] {
  const found = new Set<string>();
  const search = (value: unknown, name: string): void => {
    if (typeof value !== 'string' || found.size >= MOST) return;
    for (const reference of hostsIn(value.slice(0, LONGEST), name)) if (found.size < MOST) found.add(reference);
  };
  for (const list of [container['args'], container['command']])
    if (Array.isArray(list)) for (const text of list as unknown[]) search(text, '');
  if (Array.isArray(container['env']))
    for (const setting of container['env'] as unknown[])
      if (isObject(setting)) search(setting['value'], typeof setting['name'] === 'string' ? setting['name'] : '');
  return [...found];
}

function* hostsIn(given: string, name: string): Iterable<string> {
  const text = given.toLowerCase();
  if (text.includes('://')) {
    for (const [, scheme, host, port] of text.matchAll(URLS))
      if (mayBeService(host!)) yield `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
    return;
  }
  if (NAMES_SECRET.test(name) || (!text.includes(':') && !text.includes('.svc') && !NAMES_HOST.test(name))) return;
  for (const [, host, port] of text.matchAll(WORDS)) {
    const isHost = port !== undefined || IN_CLUSTER.test(host!) || (NAMES_HOST.test(name) && host === text.trim());
    if (isHost && mayBeService(host!)) yield `any://${host}${port === undefined ? '' : `:${port}`}`;
  }
}

/** `NAME`, `NAME.NAMESPACE` or `NAME.NAMESPACE.svc...`; no address, and no host of the internet. */
const mayBeService = (host: string): boolean =>
  host !== 'localhost' && /[a-z]/.test(host) && (IN_CLUSTER.test(host) || host.split('.').length <= 2);

export interface Reference {
  /** What it may mean, likeliest first: `NAMESPACE/NAME` of a Service. */
  readonly services: readonly string[];
  readonly port?: number;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** @param reference as `referencesIn` gives it @param own the namespace of the pod */
export function parseReference(reference: string, own: string): Reference {
  const [, scheme, host, port] = /^([^:]+):\/\/([^:]+)(?::(\d+))?$/.exec(reference) ?? [];
  const labels = (host ?? '').replace(IN_CLUSTER, '').split('.');
  const number = port === undefined ? PORTS[scheme ?? ''] : Number(port);
  const [first, second] = [labels.at(-2), labels.at(-1)!];
  // Pods of a StatefulSet are POD.SERVICE; with `.svc` the last two labels are the Service and its namespace.
  const services = first === undefined ? [`${own}/${second}`] : [`${second}/${first}`, `${own}/${second}`];
  return { services, ...(number === undefined ? {} : { port: number }) };
}
