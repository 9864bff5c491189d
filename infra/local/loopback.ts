// Servers on this machine alone: finding a port for one, letting it listen, ending it.
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';

/** @param port 0: any free one @returns the port it listens on @throws when the port is taken */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Ends an HTTP or HTTPS server, and the connections it still has. */
export async function closeServer(server: Pick<HttpServer, 'close' | 'closeAllConnections'>): Promise<void> {
  server.closeAllConnections();
  await closed(server);
}

/** @returns `wanted` where it is free, else any free port */
export const freePort = async (wanted: number): Promise<number> => tryPort(wanted).catch(() => tryPort(0));

async function tryPort(port: number): Promise<number> {
  const server = createServer();
  const found = await listenOnLoopback(server, port);
  await closed(server);
  return found;
}

const closed = (server: Pick<Server, 'close'>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
