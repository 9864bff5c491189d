// Finding a free loopback port, starting with the one asked for.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** @returns `wanted` where it is free, else any free port */
export async function freePort(wanted: number): Promise<number> {
  return tryPort(wanted).catch(() => tryPort(0));
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const found = (server.address() as AddressInfo).port;
      server.close(() => resolve(found));
    });
  });
}
