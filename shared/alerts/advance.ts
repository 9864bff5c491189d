// One step of the alerts, stage by stage: in goes what happened, what scans saw and what people did; out come cards. Pure; the clock
// is passed in.
import type { Card } from './card.ts';
import type { AdvanceInput, AlertsState, Notification } from './model.ts';
import { calm } from './stages/calm.ts';
import { digest } from './stages/digest.ts';
import { endUnwatched } from './stages/end-unwatched.ts';
import { findDue } from './stages/find-due.ts';
import { forget } from './stages/forget.ts';
import { gatherStorm } from './stages/gather-storm.ts';
import { group } from './stages/group.ts';
import { happen } from './stages/happen.ts';
import { hush } from './stages/hush.ts';
import { inhibit } from './stages/inhibit.ts';
import { keepQuiet } from './stages/keep-quiet.ts';
import { keepWorst } from './stages/keep-worst.ts';
import { leave } from './stages/leave.ts';
import { mute } from './stages/mute.ts';
import { post } from './stages/post.ts';
import { reassign } from './stages/reassign.ts';
import { sight } from './stages/sight.ts';
import type { CardUpdate, Stage } from './stages/stage.ts';
import { begin } from './stages/stage.ts';
import { takeUp } from './stages/take-up.ts';
import { update } from './stages/update.ts';
import { watchSelf } from './stages/watch-self.ts';

/** Everything that happens to an alert, in this order, from the result of a scan to a card. */
export const stages: readonly Stage[] = [
  // What is the case: alerts begin, change and end.
  reassign,
  sight,
  takeUp,
  inhibit,
  happen,
  watchSelf,
  endUnwatched,
  calm,
  keepWorst,
  hush,
  // Who is to hear of it now.
  leave,
  findDue,
  mute,
  keepQuiet,
  group,
  gatherStorm,
  // How they are told.
  post,
  update,
  digest,
  forget,
];

export interface Advanced {
  readonly state: AlertsState;
  /** New cards. */
  readonly cards: readonly Card[];
  readonly updates: readonly CardUpdate[];
  /** One for every new card and every update, in the order of telling. */
  readonly notifications: readonly Notification[];
  /** Call again: more is owed than fits into one transaction. */
  readonly more: boolean;
}

/** @returns what to tell, and what to remember */
export function advance(state: AlertsState, input: AdvanceInput): Advanced {
  const done = stages.reduce((work, stage) => stage(work, input), begin(state));
  const { events: _1, inhibited: _2, newRules: _3, dues: _4, cards, updates, more, ...next } = done;
  const notifications = [
    ...cards.map(({ id, destination }) => ({ card: id, destination, mode: 'post' as const })),
    ...updates.map(({ card, destination }) => ({ card, destination, mode: 'update' as const })),
  ].map((one, index): Notification => ({ ...one, seq: state.seq + index, scanId: input.scanId }));
  return { state: { ...next, seq: state.seq + notifications.length }, cards, updates, notifications, more };
}
