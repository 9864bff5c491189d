// Every period: open the scan of this slot.
import type { InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import { openSlotScan } from '../shared/scan/open.ts';
import type { ScanContext } from '../shared/scan/context.ts';

export const scanTimer =
  (scan: () => ScanContext) =>
  async (timer: Timer, invocation: InvocationContext): Promise<void> => {
    const opened = await openSlotScan(scan());
    invocation.log(
      `Scan ${opened.scan.id} ${opened.created ? 'opened' : 'was open'}${timer.isPastDue ? ', late' : ''}`,
    );
  };

app.timer('scan-timer', { schedule: getApp().config.schedule, handler: scanTimer(() => getApp().scan) });
