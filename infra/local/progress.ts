// What a scan has done so far, for the person who waits for it.
import type { Log } from '../../shared/ports.ts';

export interface ScanCounts {
  subscriptions: number;
  listed: number;
  clusters: number;
  audited: number;
}

/** @returns a log that passes everything on and counts what a scan does */
export function countingLog(log: Log): { readonly log: Log; readonly counts: ScanCounts } {
  const counts: ScanCounts = { subscriptions: 0, listed: 0, clusters: 0, audited: 0 };
  const info: Log['info'] = (message, fields) => {
    if (message === 'scan opened') Object.assign(counts, { subscriptions: 0, listed: 0, clusters: 0, audited: 0 });
    if (message === 'subscriptions enumerated') counts.subscriptions = Number(fields?.['subscriptions']);
    if (message === 'clusters enumerated') {
      counts.listed++;
      counts.clusters += Number(fields?.['clusters']);
    }
    if (message === 'cluster audited') counts.audited++;
    log.info(message, fields);
  };
  return { log: { ...log, info }, counts };
}

/** Shows one line that changes in place on a terminal; says nothing where there is no terminal. */
export function startProgress(counts: ScanCounts, stream: NodeJS.WriteStream): { stop(): void } {
  if (!stream.isTTY) return { stop: () => undefined };
  const width = 24;
  const show = (): void => {
    const share = counts.clusters === 0 ? 0 : counts.audited / counts.clusters;
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░');
    stream.write(
      `\r\u001b[2K${bar} subscriptions ${counts.listed}/${counts.subscriptions || '?'}, clusters ${counts.audited}/${counts.clusters || '?'}`,
    );
  };
  const timer = setInterval(show, 100);
  show();
  return {
    stop() {
      clearInterval(timer);
      stream.write('\r\u001b[2K');
    },
  };
}
