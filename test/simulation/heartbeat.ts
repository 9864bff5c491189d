// The outside dead-man's switch of a run: it is told when the product calls.
import type { Through } from '../support/through.ts';

export const HEARTBEAT_URL = 'https://heartbeat.test/';

/** Takes the place of `fetch` for as long as a run lasts. @returns puts the real one back */
export function listenForHeartbeat(through: () => Through, beat: () => void): () => void {
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) =>
    input === HEARTBEAT_URL
      ? through()('heartbeat.post', async () => {
          beat();
          return new Response('');
        })
      : real(input, init);
  return () => void (globalThis.fetch = real);
}
