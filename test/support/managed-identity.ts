// The endpoint that gives a function app the tokens of its managed identities, on loopback: what `@azure/identity` looks for in the environment.
import { createServer } from 'node:http';
import { listenOnLoopback } from '../../infra/local/loopback.ts';

export interface ManagedIdentity {
  /** The token that everybody gets. */
  readonly token: string;
  /** Of each request, which identity asked for what. */
  readonly asked: { readonly clientId: string | null; readonly resource: string | null }[];
}

let started: Promise<ManagedIdentity> | undefined;

/**
 * Sets IDENTITY_ENDPOINT and IDENTITY_HEADER of this process. The identity library keeps the first address that it finds, and the tokens
 * that it got, for as long as the process lives: so there is one for all tests, and it ends with the process.
 */
export const startManagedIdentity = (): Promise<ManagedIdentity> => (started ??= start());

async function start(): Promise<ManagedIdentity> {
  const token = 'token-of-the-managed-identity';
  const asked: ManagedIdentity['asked'] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push({ clientId: searchParams.get('client_id'), resource: searchParams.get('resource') });
    const expires = Math.floor(Date.now() / 1000) + 3_600;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_on: String(expires) }));
  });
  const port = await listenOnLoopback(server);
  server.unref();
  process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${port}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'loopback';
  return { token, asked };
}
