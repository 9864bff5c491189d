// A signing authority of our own on loopback: OpenID metadata, keys, and tokens as Teams' connector would send them, or bad ones.
import type { KeyObject } from 'node:crypto';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer, listenOnLoopback } from '../../infra/local/loopback.ts';

export interface Authority {
  readonly metadataUrl: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** What it answers with; a test may change it. */
  readonly published: { status: number; keys: readonly Readonly<Record<string, unknown>>[] };
  /** A good token unless told otherwise. */
  token(
    claims: Readonly<Record<string, unknown>>,
    options?: { key?: 'known' | 'foreign'; kid?: string; alg?: string; header?: Readonly<Record<string, unknown>> },
  ): string;
  close(): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startAuthority(): Promise<Authority> {
  const known = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = known.publicKey.export({ format: 'jwk' });
  const asked: string[] = [];
  const published: Authority['published'] = {
    status: 200,
    keys: [{ ...jwk, kid: 'one', use: 'sig', endorsements: ['msteams'] }],
  };
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = published.status;
    const { port } = server.address() as AddressInfo;
    const body = request.url?.startsWith('/openid')
      ? {
          issuer: 'https://api.botframework.com',
          jwks_uri: `http://127.0.0.1:${port}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        }
      : { keys: published.keys };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  const port = await listenOnLoopback(server);
  return {
    metadataUrl: `http://127.0.0.1:${port}/openid`,
    asked,
    published,
    token(claims, { key = 'known', kid = 'one', alg = 'RS256', header = {} } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const content = `${encode({ alg, typ: 'JWT', kid, ...header })}.${encode({ nbf: now - 60, exp: now + 600, ...claims })}`;
      if (alg === 'none') return `${content}.`;
      const pair: { privateKey: KeyObject } = key === 'known' ? known : foreign;
      return `${content}.${createSign('RSA-SHA256').update(content).sign(pair.privateKey).toString('base64url')}`;
    },
    close: () => closeServer(server),
  };
}
