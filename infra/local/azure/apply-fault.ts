// Applies one fault to one answer.
import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';

const bodies = {
  garbage: '<html>not json</html>',
  truncated: '{"value":[{"id":"/subscriptions/',
  'wrong-shape': '{"value":{"a":1}}',
};

/**
 * @param errorBody the body of an error in the words of the API at hand
 * @returns true when nothing else is to be answered
 */
export async function applyFault(
  fault: Fault,
  outgoing: ServerResponse,
  errorBody: (code: string, message: string) => unknown,
): Promise<boolean> {
  if (fault.kind === 'hang') return true;
  if (fault.kind === 'reset') {
    outgoing.destroy();
    return true;
  }
  if (fault.kind === 'slow') {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    return false;
  }
  if (fault.kind === 'status') {
    const wait = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
    outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...wait });
    outgoing.end(JSON.stringify(errorBody('SimulatedFault', 'The simulated Azure was told to fail.')));
    return true;
  }
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(bodies[fault.kind]);
  return true;
}
