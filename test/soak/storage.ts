// The storage emulator of a soak: it goes away and comes back at the same address, with all that it had taken.
import { setTimeout as pause } from 'node:timers/promises';
import { startAzurite } from '../../infra/local/azurite.ts';
import { freePort } from '../../infra/local/loopback.ts';

export interface Storage {
  readonly connectionString: string;
  /** Nobody can reach it for so long. */
  leave(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** @param dataDir where it keeps everything */
export async function startStorage(dataDir: string): Promise<Storage> {
  const ports = { blob: await freePort(0), queue: await freePort(0), table: await freePort(0) };
  const start = () => startAzurite({ dataDir, ports });
  let running = await start();
  return {
    connectionString: running.connectionString,
    async leave(ms) {
      // Asked to end, it writes down what it has taken; ended at once, it would lose seconds that Azure never loses.
      await running.close();
      await pause(ms);
      running = await start();
    },
    close: () => running.close(),
  };
}
