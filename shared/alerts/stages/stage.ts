// What goes from stage to stage in one step of the alerts, and what a stage is.
import type { Alert, AlertEvent } from '../alert.ts';
import type { AlertsCard, Card, CardItem } from '../card.ts';
import type { AdvanceInput, AlertsState } from '../model.ts';
import type { Route } from '../routing.ts';

/** Somebody is to hear of an alert in this step. */
export interface Due {
  readonly alert: Alert;
  readonly destination: string;
  /** The route by which the destination hears of it. */
  readonly route: Route;
  /** The kind of card that tells it. */
  readonly kind: AlertsCard['kind'] | 'storm';
  /** What the alerts of its card have in common; dues with the same destination, kind and group become one card. */
  readonly group: string;
}

/** A posted card that is to be brought up to date. */
export interface CardUpdate {
  readonly card: string;
  readonly destination: string;
  readonly items: readonly Omit<CardItem, 'event'>[];
}

/** The remembered state on its way to the next one, and what is told on the way. */
export interface Work extends AlertsState {
  /** Drift events that are news, in the order of time. */
  readonly events: readonly AlertEvent[];
  /** Events that follow from a larger change: they change alerts, but nobody is told. */
  readonly inhibited: readonly AlertEvent[];
  /** The rules have changed since events were last taken up. */
  readonly newRules: boolean;
  readonly dues: readonly Due[];
  /** New cards. */
  readonly cards: readonly Card[];
  readonly updates: readonly CardUpdate[];
  /** More is owed than fits into one transaction. */
  readonly more: boolean;
}

/** @returns what the first stage is given */
export const begin = (state: AlertsState): Work => ({
  ...state,
  events: [],
  inhibited: [],
  newRules: false,
  dues: [],
  cards: [],
  updates: [],
  more: false,
});

/** One decision. Pure: it takes what the stage before left, and returns what it makes of it. */
export type Stage = (work: Work, input: AdvanceInput) => Work;

/** Cards and updates in one transaction: two rows each, beside the rows of the state. */
export const MOST_CARDS = 35;
