// Teams' connector on loopback: takes what the bot posts and updates, and can be told to refuse.
import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../../infra/local/loopback.ts';

export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly activity: {
    readonly summary?: string;
    readonly attachments?: readonly { readonly content: { readonly body: readonly unknown[] } }[];
  };
}

export interface Connector {
  readonly serviceUrl: string;
  readonly posted: Posted[];
  /** Answers the next requests with these instead of taking them. */
  readonly refusals: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

export async function startConnector(): Promise<Connector> {
  const posted: Posted[] = [];
  const refusals: Connector['refusals'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const refusal = refusals.shift();
      response.setHeader('content-type', 'application/json');
      if (refusal) {
        response.writeHead(refusal.status, refusal.headers);
        response.end(JSON.stringify({ error: { code: 'Refused', message: 'told to' } }));
        return;
      }
      const activity = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Posted['activity'];
      const { method = '', url: path = '', headers } = request;
      posted.push({ method, path, authorization: headers.authorization ?? '', activity });
      response.end(JSON.stringify({ id: `activity-${posted.length}` }));
    });
  });
  const port = await listenOnLoopback(server);
  return {
    serviceUrl: `http://127.0.0.1:${port}`,
    posted,
    refusals,
    close: () => closeServer(server),
  };
}
