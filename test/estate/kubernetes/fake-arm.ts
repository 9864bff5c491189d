// The two ARM calls that the reader makes, over plain HTTP: the user's kubeconfig and the run command.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from './api-server.ts';

export interface FakeArm {
  readonly endpoint: string;
  /** What listClusterUserCredential gives; a number is a status to fail with. */
  kubeconfig: string | number;
  /** What it gives for clusters of these names. */
  readonly kubeconfigs: Map<string, string>;
  /** Gives a command's exit code and output; undefined: not to be called. */
  runCommand: ((command: string, clusterToken: string | undefined) => { exitCode: number; logs: string }) | undefined;
  readonly calls: string[];
  close(): Promise<void>;
}

export async function startFakeArm(): Promise<FakeArm> {
  const arm: Omit<FakeArm, 'endpoint' | 'close'> = {
    kubeconfig: 500,
    kubeconfigs: new Map(),
    runCommand: undefined,
    calls: [],
  };
  const results = new Map<string, unknown>();
  const server = createServer((request, response) => {
    respond(arm, results, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(arm, { endpoint: `https://127.0.0.1:${port}`, close: () => closeServer(server) });
}

async function respond(
  arm: Omit<FakeArm, 'endpoint' | 'close'>,
  results: Map<string, unknown>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://arm');
  const verb = url.pathname.split('/').at(-1) ?? '';
  arm.calls.push(verb);
  response.setHeader('content-type', 'application/json');
  if (verb === 'listClusterUserCredential') {
    const found = arm.kubeconfigs.get(url.pathname.split('/').at(-2)!) ?? arm.kubeconfig;
    if (typeof found === 'number') {
      response.writeHead(found);
      response.end(JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'no' } }));
      return;
    }
    const value = Buffer.from(found).toString('base64');
    response.end(JSON.stringify({ kubeconfigs: [{ name: 'clusterUser', value }] }));
  } else if (verb === 'runCommand' && arm.runCommand) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { command, clusterToken } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const { exitCode, logs } = arm.runCommand(command!, clusterToken);
    results.set('1', { id: '1', properties: { provisioningState: 'Succeeded', exitCode, logs } });
    const location = `https://${request.headers.host}/commandResults/1?api-version=${url.searchParams.get('api-version')}`;
    response.writeHead(202, { location, 'retry-after': '0' }).end();
  } else if (url.pathname.startsWith('/commandResults/')) response.end(JSON.stringify(results.get(verb)));
  else response.writeHead(404).end(JSON.stringify({ error: { code: 'NotFound', message: verb } }));
}
