// Starts hostile API servers, and a worker that reads them.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Authority, FakeApiServer } from '../api-server.ts';
import { kubeconfig, startApiServer } from '../api-server.ts';
import { startFakeArm } from '../fake-arm.ts';
import type { Asked, Told } from './child.ts';
import type { Hostile } from './servers.ts';

/** The heap of the sample settings (256 MB), less what the whole worker holds besides: the bot and the host's library take some 60 MB. */
const HEAP = ['--max-old-space-size=196', '--max-semi-space-size=8'];
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Long enough for whatever ends by itself. */
const PATIENCE_MS = 300_000;

export interface Server {
  readonly name: string;
  readonly api: FakeApiServer;
  readonly totalMs?: number | undefined;
}

/** @returns an API server that is honest but for one list */
export async function startHostile(authority: Authority, { name, path, answer, totalMs }: Hostile): Promise<Server> {
  const api = await startApiServer(authority);
  let asked = 0;
  api.intercept = (request, url, response) => {
    if (url.pathname !== path) return false;
    response.on('error', () => undefined);
    answer(response, url, asked++, request);
    return true;
  };
  return { name, api, totalMs };
}

/**
 * @param atOnce whether they are read all at once, or one after the other
 * @returns what one worker makes of these API servers, in their order @throws when the worker does not live to tell
 */
export async function readAll(
  authority: Authority,
  servers: readonly Server[],
  atOnce: boolean,
): Promise<readonly Told[]> {
  const arm = await startFakeArm();
  for (const [i, { api }] of servers.entries())
    arm.kubeconfigs.set(`cluster-${i}`, kubeconfig(api.url, authority.cert));
  const clusters = servers.map(({ name, totalMs = PATIENCE_MS }) => ({ name, totalMs }));
  const asked: Asked = { armEndpoint: arm.endpoint, clusters, atOnce };
  try {
    return await new Promise<readonly Told[]>((resolve, reject) => {
      execFile(process.execPath, [...HEAP, CHILD, JSON.stringify(asked)], (error, stdout, stderr) => {
        if (error) reject(new Error(`the worker died: ${stderr.slice(-2_000)}`));
        else resolve(JSON.parse(stdout) as readonly Told[]);
      });
    });
  } finally {
    await Promise.all([arm, ...servers.map(({ api }) => api)].map((server) => server.close()));
  }
}
