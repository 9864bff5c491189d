// Alerts about Bulkhead itself: scans that stopped, conversations that can no longer be posted to.
import type { Alert, AlertEvent, ownKinds } from '../alert.ts';
import { ended, raised } from '../lifecycle.ts';
import type { AdvanceInput } from '../model.ts';
import type { Target } from '../target.ts';
import { isReachable } from '../target.ts';
import type { Stage } from './stage.ts';

export const watchSelf: Stage = (work, input) => {
  const failed = input.targets.filter((target) => !isReachable(target));
  const lost = failed.filter(({ key }) => !work.failures.includes(key));
  const known = work.alerts.find(({ event }) => event.kind === 'scans-stopped');
  const scans = input.overdue === undefined ? running(known, input) : stopped(known, input.overdue, input);
  return {
    ...work,
    alerts: [
      ...work.alerts.filter((alert) => alert !== known),
      ...lost.map((one) => raised(conversationLost(one, input), input)),
      ...(scans ? [scans] : []),
    ],
    failures: failed.map(({ key }) => key),
  };
};

function conversationLost({ key, name, failed = '' }: Target, input: AdvanceInput): AlertEvent {
  return {
    ...aboutUs(input, 'destination-failed', key),
    title: `Bulkhead can no longer post to ${name ?? 'a conversation that subscribed'}`,
    detail: failed,
    remediation:
      'Allow the app there or add it again, then send it any message. Until then Bulkhead tries again once a day.',
  };
}

function stopped(known: Alert | undefined, why: string, input: AdvanceInput): Alert {
  if (known?.status === 'firing') return known;
  const event: AlertEvent = {
    ...aboutUs(input, 'scans-stopped'),
    title: 'Scans have stopped',
    detail: why,
    remediation: 'Look at the Function App: is it running, and does its log show errors?',
  };
  return { ...raised(event, input), type: 'state', turns: known?.turns ?? [], told: known?.told ?? {} };
}

const running = (known: Alert | undefined, input: AdvanceInput): Alert | undefined =>
  known?.status === 'firing' ? ended(known, { at: input.now.toISOString(), scanId: input.scanId }, input) : known;

/** @param key tells apart what may happen several times at one moment @returns what every event about Bulkhead itself holds */
export function aboutUs({ now, scanId }: AdvanceInput, kind: (typeof ownKinds)[number], key = '') {
  const at = now.toISOString();
  return {
    id: [kind, key, at].filter(Boolean).join('|'),
    kind,
    scanId,
    at,
    subscriptionId: '',
    clusterId: '',
    clusterName: '',
    resourceGroup: '',
    tags: {},
    severity: 'high' as const,
  };
}
