// Silences: each has a row of its own, so that making one never waits for the alerts.
import { z } from 'zod';
import type { Row, Table } from '../ports.ts';
import { bodyKind, columnKind, withBody } from '../store/row-kind.ts';
import { isShortId } from '../store/exemptions.ts';
import { readEach, rowsOf } from '../store/rows.ts';
import { storeRow, untilStored } from '../store/until-stored.ts';
import type { Confirmed } from '../alerts/everything.ts';
import { silencesEverything, unconfirmed } from '../alerts/everything.ts';
import { parseMatchers } from '../alerts/matchers.ts';
import type { Again, NewSilence, Refusal, Silence } from '../alerts/alert-service.ts';

const PARTITION = 'silence';
const MAX_MATCHERS = 20;
const MAX_COMMENT_CHARS = 500;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

const silenceRow = withBody(
  columnKind('Alerts', z.object({ endsAt: z.string() })),
  bodyKind('Alerts', z.object({ silence: z.custom<Silence>() })),
);

/** @returns the silence that is asked for, or everything that is wrong with it */
export function checkSilence(wanted: NewSilence & Confirmed, by: string, now: Date, id: string): Silence | Refusal {
  const { matchers, startsAt = now, endsAt, comment } = wanted;
  const parsed = parseMatchers(matchers);
  const problems = [
    ...('problems' in parsed ? parsed.problems.map((problem) => `matchers: ${problem}`) : []),
    ...(matchers.length === 0 ? ['matchers: at least one is needed; cluster=* silences everything'] : []),
    ...(matchers.length > MAX_MATCHERS ? [`matchers: at most ${MAX_MATCHERS}`] : []),
    ...(Number.isNaN(startsAt.getTime()) ? ['startsAt: is not a moment'] : []),
    ...(Number.isNaN(endsAt.getTime()) ? ['endsAt: is not a moment'] : []),
    ...(endsAt <= now ? ['endsAt: is in the past'] : []),
    ...(endsAt <= startsAt ? ['endsAt: is before startsAt'] : []),
    ...(endsAt.getTime() - now.getTime() > MAX_DAYS * DAY_MS ? [`endsAt: is more than ${MAX_DAYS} days away`] : []),
    ...(comment.trim() === '' ? ['comment: say why'] : []),
    ...(comment.length > MAX_COMMENT_CHARS ? [`comment: at most ${MAX_COMMENT_CHARS} characters`] : []),
    ...(by.trim() === '' ? ['by: say who'] : []),
  ];
  if (problems.length > 0) return { problems };
  if (!wanted.confirm && isOfEverything({ matchers })) return unconfirmed('silence');
  return {
    id,
    matchers: matchers.map((text) => text.trim()),
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    createdBy: by.trim(),
    comment: comment.trim(),
  };
}

/** @returns true for a silence that leaves nothing out */
export function isOfEverything({ matchers }: Pick<Silence, 'matchers'>): boolean {
  const parsed = parseMatchers(matchers);
  return 'matchers' in parsed && silencesEverything(parsed.matchers);
}

/** @returns silences that have not ended, in the order in which they end */
export const listSilences = async (table: Table, now: Date): Promise<readonly Silence[]> =>
  (await everySilence(table)).filter((silence) => !hasEnded(silence, now));

/** @returns silences that have ended and are not purged, the last to end first */
export const listEndedSilences = async (table: Table, now: Date): Promise<readonly Silence[]> =>
  (await everySilence(table)).filter((silence) => hasEnded(silence, now)).toReversed();

const hasEnded = ({ endsAt }: Silence, now: Date): boolean => Date.parse(endsAt) <= now.getTime();

/** @returns all of them, in the order in which they end */
async function everySilence(table: Table): Promise<readonly Silence[]> {
  const found: Silence[] = [];
  // One that cannot be read silences nothing: better told than not.
  const rows = rowsOf(table, { partition: PARTITION });
  for await (const { silence } of readEach(
    rows,
    (row) => silenceRow.read(row),
    () => undefined,
  ))
    found.push(silence);
  return found.toSorted((a, b) => Date.parse(a.endsAt) - Date.parse(b.endsAt));
}

const toRow = (silence: Silence): Row => ({
  partitionKey: PARTITION,
  rowKey: silence.id,
  ...silenceRow.write({ endsAt: silence.endsAt, silence }),
});

/** @returns the silence of that id, ended or not */
export async function findSilence(table: Table, id: string): Promise<Silence | undefined> {
  const row = await table.get(PARTITION, id);
  return row && silenceRow.read(row).silence;
}

/** Keeps a new silence. @returns it, or the one that already has its id: then the act that made it is asked for again */
export async function keepSilence(table: Table, silence: Silence): Promise<Silence & Again> {
  if ((await table.insert(toRow(silence))) === 'inserted') return silence;
  return { ...((await findSilence(table, silence.id)) ?? silence), again: true };
}

/**
 * Ends a silence now; its row stays as evidence until it is purged.
 * @param by who ends it, kept with the end that it was to have
 * @returns `unknown` when there is none that lasts
 * @throws when others keep changing it
 */
export async function endSilence(table: Table, id: string, now: Date, by: string): Promise<'ended' | 'unknown'> {
  if (!isShortId(id)) return 'unknown';
  return untilStored(table, `silence ${id}`, async () => {
    const before = await table.get(PARTITION, id);
    const silence = before && silenceRow.read(before).silence;
    if (!silence || hasEnded(silence, now)) return 'unknown';
    const ended = { ...silence, endsAt: now.toISOString(), ended: { by, insteadOf: silence.endsAt } };
    return (await storeRow(table, toRow(ended), before)) === 'stored' ? 'ended' : 'conflict';
  });
}

export async function purgeSilences(table: Table, before: Date): Promise<void> {
  for await (const row of rowsOf(table, { partition: PARTITION }))
    if (silenceRow.columns.read(row).endsAt < before.toISOString()) await table.delete(PARTITION, row.rowKey);
}
