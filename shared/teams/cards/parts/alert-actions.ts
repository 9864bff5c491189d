// The buttons of an alert card: acknowledge, silence, ask why, look at the cluster.
import type { CardItem } from '../../../alerts/card.ts';
import type { AlertEvent } from '../../../alerts/alert.ts';
import { isOwn } from '../../../alerts/alert.ts';
import { clusterKey } from '../../../model/keys.ts';
import { isOpen } from './alert-words.ts';
import type { Element } from './elements.ts';
import { MAX_ACTIONS } from './card.ts';
import { button, usable } from './elements.ts';
import { kindWords, placeOf } from './event.ts';

const MOST_ACKS = 3;

/** @returns at most as many buttons as a card may have, about the worst alert that still lasts, or about the worst of all when none does */
export function alertActions(items: readonly CardItem[]): readonly Element[] {
  const open = items.filter(isOpen);
  const lead = open.find(({ shown }) => shown !== 'happened') ?? open[0] ?? items[0];
  const about = lead ? aboutButtons(lead, items.length > 1) : [];
  return usable([...acknowledgeButtons(open), ...about, button('Fleet status', 'status')]).slice(0, MAX_ACTIONS);
}

/** Nobody has to take care of what happened once, and an alert that was posted again is acknowledged on its newest card. */
const waits = ({ shown, by }: CardItem): boolean => by === undefined && (shown === 'firing' || shown === 'flapping');

/** @param open items that are not resolved */
export function acknowledgeButtons(open: readonly CardItem[]): readonly Element[] {
  const waiting = open.filter(waits).slice(0, MOST_ACKS);
  const titleOf = ({ event }: CardItem): string =>
    open.length === 1 ? 'Acknowledge' : `Ack ${event.rule ?? kindWords(event.kind)}: ${placeOf(event)}`;
  return waiting.map((item) => button(titleOf(item), `ack ${item.alertId}`));
}

/** @param named true when there are others on the card: the buttons then say which one they mean */
function aboutButtons(item: CardItem, named: boolean): readonly Element[] {
  const { event, shown, silence } = item;
  const { clusterId, clusterName, rule, subject } = event;
  const mutable = shown !== 'resolved' && shown !== 'happened' && !isOwn(event);
  const why = rule !== undefined && clusterId !== '';
  const which = named ? ` ${rule ?? kindWords(event.kind)}` : '';
  return [
    ...(silence ? [button(`End silence ${silence.id}`, `unsilence ${silence.id}`)] : []),
    ...(mutable && !silence
      ? [button(`Silence${which} 1 day`, `silence ${matchersOf(event)} for 1d because from the card`)]
      : []),
    ...(why ? [button(`Why${which}`, ['why', clusterKey(clusterId), rule, subject ?? ''].join(' ').trim())] : []),
    ...(clusterId === '' ? [] : [button(`Status of ${clusterName}`, `status ${clusterKey(clusterId)}`)]),
  ];
}

/** A cluster's name is its own only within its resource group, and that only within its subscription. */
function matchersOf({ clusterId, clusterName, resourceGroup, subscriptionId, rule, kind }: AlertEvent): string {
  const cluster = clusterId === '' ? '' : `cluster=${clusterName} resourceGroup=${resourceGroup} `;
  return `${cluster}subscription=${subscriptionId} ${rule === undefined ? `kind=${kind}` : `rule=${rule}`}`;
}
