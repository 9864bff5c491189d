// Lets the real SDKs, which send tokens over https only, talk to the simulated Azure on loopback http.
import type { HttpClient } from '@azure/core-rest-pipeline';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';

/** @returns a client that turns `https://127.0.0.1` into http; every other address is left alone */
export function loopbackHttpClient(): HttpClient {
  const real = createDefaultHttpClient();
  return {
    sendRequest(request) {
      if (!request.url.startsWith('https://127.0.0.1:')) return real.sendRequest(request);
      request.url = `http${request.url.slice('https'.length)}`;
      request.allowInsecureConnection = true;
      return real.sendRequest(request);
    },
  };
}
