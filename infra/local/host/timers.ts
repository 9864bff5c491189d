// Timer triggers: NCRONTAB in UTC, never overlapping themselves.
import { Cron } from 'croner';
import type { Core } from './core.ts';
import { triggerOf } from './core.ts';

export interface Timers {
  /** Runs a timer function now. @returns false when there is no timer function of that name */
  run(name: string): Promise<boolean>;
  stop(): void;
}

/** @param resolve turns `%NAME%` into the setting's value @param failed is told what a run threw */
export function startTimers(
  core: Core,
  resolve: (text: string) => string,
  failed: (name: string, error: unknown) => void,
): Timers {
  const runs = new Map<string, () => Promise<void>>();
  const jobs: Cron[] = [];
  for (const registered of core.functions.values()) {
    const trigger = triggerOf(registered);
    if (trigger.type !== 'timerTrigger') continue;
    let last = new Date();
    const once = async (): Promise<void> => {
      const schedule = {
        Last: last.toISOString(),
        LastUpdated: last.toISOString(),
        Next: job.nextRun()?.toISOString(),
      };
      last = new Date();
      const timer = { Schedule: { AdjustForDST: false }, ScheduleStatus: schedule, IsPastDue: false };
      await core
        .invoke(registered.name, { json: JSON.stringify(timer) })
        .catch((error: unknown) => failed(registered.name, error));
    };
    let running: Promise<void> | undefined;
    // Whoever wants a run while one is under way gets that one.
    const run = (): Promise<void> => (running ??= once().finally(() => (running = undefined)));
    // NCRONTAB wants both day fields to match.
    const options = { timezone: 'UTC', domAndDow: true, mode: '6-part' as const };
    const job = new Cron(resolve(String(trigger['schedule'])), options, run);
    jobs.push(job);
    runs.set(registered.name, run);
  }
  return {
    async run(name) {
      await runs.get(name)?.();
      return runs.has(name);
    },
    stop: () => jobs.forEach((job) => job.stop()),
  };
}
