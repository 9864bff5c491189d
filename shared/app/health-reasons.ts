// What is not as it should be although scans go on: for the health answer, which anybody may ask for, so it names no cluster.
import type { Fleet } from '../model/fleet.ts';
import type { Scan } from '../model/scan.ts';
import type { Trouble } from '../store/troubles.ts';
import { CLOCK } from './clock-alarm.ts';
import type { Coverage } from '../telling/overdue.ts';
import { MOST_COUNTED } from '../telling/undelivered.ts';

const THE_LOG = 'the log has the errors.';
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** @param fleet at the newest close @param current the scan opened last */
export function reasonsOf(fleet: Fleet, current: Scan | undefined): readonly string[] {
  const subscriptions = fleet.subscriptions.filter(({ reason }) => reason === 'error').length;
  const clusters = fleet.clusters.filter(({ unreadable }) => unreadable?.reason === 'error').length;
  const isUnstored = current?.state === 'closed' && current.id !== fleet.scanId;
  return [
    ...(isUnstored ? ['What the last scan found could not be stored as a whole; the log has the error.'] : []),
    ...(subscriptions > 0
      ? [`${counted(subscriptions, 'subscription')} could not be read because of an error; ${THE_LOG}`]
      : []),
    ...(clusters > 0 ? [`${counted(clusters, 'cluster')} could not be audited because of an error; ${THE_LOG}`] : []),
  ];
}

/** @returns that some clusters have not been looked at for a while; nothing when all have, or none: that is more than a reason */
export const coverageReasons = ({ clusters, seen }: Coverage, periodMinutes: number): readonly string[] =>
  seen === clusters || seen === 0
    ? []
    : [
        `${clusters - seen} of ${counted(clusters, 'cluster')} ${clusters - seen === 1 ? 'was' : 'were'} not looked at in the last ${2 * periodMinutes} minutes.`,
      ];

/** @param late how many cards have waited too long to be posted */
export const deliveryReasons = (late: number): readonly string[] =>
  late === 0
    ? []
    : [
        `${late >= MOST_COUNTED ? 'At least ' : ''}${counted(late, 'card')} could not be posted for more than 15 minutes.`,
      ];

/** @returns what is said of a trouble that happened within the last day */
export function troubleSentence({ what, at, count, detail }: Trouble): string {
  if (what === CLOCK)
    return `The clock of a worker was ${detail} that of storage, seen last at ${at.toISOString()}: times that it writes are wrong.`;
  const times = count === 1 ? '1 message' : `${count} messages`;
  return `${times} of the queue ${what.replace(/^queue-/, '')} failed too often, the last at ${at.toISOString()}; ${THE_LOG}`;
}
