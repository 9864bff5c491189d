// The call that an outside dead-man's switch waits for.
import type { Scan } from '../model/scan.ts';
import type { Log } from '../ports.ts';

/** A failure is logged, and never fails a scan. @param url nobody is called when it is undefined */
export async function sendHeartbeat(url: string | undefined, scan: Scan, log: Log): Promise<void> {
  if (!url) return;
  try {
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(10_000) });
    log.info('heartbeat sent', { scanId: scan.id, status: response.status });
  } catch (error) {
    log.warn('heartbeat failed', { scanId: scan.id, error });
  }
}
