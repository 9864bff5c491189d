// The endpoint that gives a function app the tokens of its managed identities, on loopback: what `@azure/identity` looks for in the environment.
import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../../infra/local/loopback.ts';

export interface ManagedIdentity {
  /** The token that everybody gets. */
  readonly token: string;
  /** Of each request, which identity asked for what. */
  readonly asked: { readonly clientId: string | null; readonly resource: string | null }[];
  close(): Promise<void>;
}

/** Sets IDENTITY_ENDPOINT and IDENTITY_HEADER of this process until it is closed. */
export async function startManagedIdentity(): Promise<ManagedIdentity> {
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
  process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${port}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'loopback';
  return {
    token,
    asked,
    async close() {
      delete process.env['IDENTITY_ENDPOINT'];
      delete process.env['IDENTITY_HEADER'];
      await closeServer(server);
    },
  };
}
