// One change as a block of a card: its title, its state, what happened, and the command that mends it.
import type { AlertEvent, AlertKind } from '../../../alerts/alert.ts';
import { clusterSubject, subjectNames } from '../../../model/finding.ts';
import type { Element } from './elements.ts';
import { code, text } from './elements.ts';
import { clip, counted } from './words.ts';

/** A headline longer than this pushes everything else off the screen. */
const MAX_TITLE_CHARS = 200;
const MAX_DETAIL_CHARS = 600;

export const titleOf = (event: AlertEvent): string => clip(event.title, MAX_TITLE_CHARS);

/** What an alert is about, for after words that tell how it stands. */
export const topicOf = ({ topic, title }: AlertEvent): string => clip(topic ?? title, MAX_TITLE_CHARS);

/** `…, and 3 more changes`; the title alone when it is the only one. */
export const andMore = (title: string, more: number): string =>
  more === 0 ? title : `${title}, and ${counted(more, 'more change')}`;

const goodKinds = new Set<AlertKind>(['resolved', 'visibility-regained', 'subscription-regained']);

/** True for a change that ends a failure: its severity is that of the failure. */
export const isGoodNews = ({ kind }: AlertEvent): boolean => goodKinds.has(kind);

/** `engine changed` for `engine-changed` */
export const kindWords = (kind: string): string => kind.replaceAll('-', ' ');

/** @returns the shortest words that tell a person which object is meant: `payments/allow-all`, or the cluster's name */
export function placeOf({ subject, clusterName, subscriptionId }: AlertEvent): string {
  if (subject === undefined || subject === clusterSubject) return clusterName || subscriptionId;
  return subjectNames(subject).at(-1)!;
}

export interface EventBlock {
  readonly event: AlertEvent;
  /** How it stands now. */
  readonly state: Element;
  readonly withTitle: boolean;
  readonly withRemedy: boolean;
  readonly alertId?: string;
}

export function eventBlock({ event, state, withTitle, withRemedy, alertId }: EventBlock): Element {
  const { rule, clusterName, resourceGroup, subscriptionId, remediation } = event;
  const where = [rule, clusterName, resourceGroup, subscriptionId, alertId && `alert ${alertId}`]
    .filter(Boolean)
    .join(' · ');
  return {
    type: 'Container',
    separator: true,
    spacing: 'medium',
    items: [
      ...(withTitle ? [text(titleOf(event), { bold: true })] : []),
      state,
      text(clip(event.detail, MAX_DETAIL_CHARS), { spacing: 'small' }),
      ...(where ? [text(clip(where, MAX_TITLE_CHARS), { size: 'small', subtle: true, spacing: 'small' })] : []),
      ...(remediation === undefined || !withRemedy ? [] : [code(remediation)]),
    ],
  };
}

/** The same command may mend several alerts: it stands on the card once. */
export const isFirstRemedy = (events: readonly AlertEvent[], index: number): boolean =>
  !events.slice(0, index).some((event) => event.remediation === events[index]!.remediation);
