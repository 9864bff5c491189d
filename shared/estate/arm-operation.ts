// One operation on Azure Resource Manager: timed, logged, and its failure turned into a verdict. Items are taken raw, because the SDK drops what it does not model.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import type { Log } from '../ports.ts';
import type { ArmTarget, Json, Tally } from './arm-client.ts';
import { armClientOptions, newTally } from './arm-client.ts';
import type { Target } from './failure.ts';
import { describeError, toUnreadable } from './failure.ts';
import { Excess } from './too-much.ts';

/** How ARM is reached, as whom, and where that is logged. */
export interface Arm extends ArmTarget {
  readonly credential: TokenCredential;
  readonly log: Log;
}

export const containerService = (arm: Arm, subscriptionId: string, tally: Tally): ContainerServiceClient =>
  new ContainerServiceClient(arm.credential, subscriptionId, armClientOptions(arm, tally));

export interface Operation {
  /** What the log calls it. */
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly target: Target;
  readonly signal: AbortSignal;
}

/**
 * @param run gets the tally that its client counts in
 * @returns what it returns
 * @throws UnreadableError for whatever it throws
 */
export async function operate<T>(
  { log }: Arm,
  { message, fields, target, signal }: Operation,
  run: (tally: Tally) => Promise<T>,
): Promise<T> {
  const tally = newTally();
  const cost = costOf(tally);
  try {
    const value = await run(tally);
    log.info(message, { ...fields, ...cost() });
    return value;
  } catch (error) {
    const failure = toUnreadable(error, target, signal);
    log.warn(message, { ...fields, ...cost(), error: describeError(failure) });
    throw failure;
  }
}

/** @returns a function that tells, for the log, what the operation that begins now has cost so far */
export function costOf(tally: Tally): () => { ms: number; attempts: number; status: number } {
  const started = Date.now();
  return () => ({ ms: Date.now() - started, attempts: tally.attempts, status: tally.status });
}

/** More pages than any real answer has: a server that goes round in circles is cut off. */
const MAX_PAGES = 1_000;
/** Of one list: AKS takes 5,000 clusters in a subscription, and a tenant has some ten thousand subscriptions. */
const MAX_ITEMS = 50_000;

/**
 * Drives the SDK's paging.
 * @returns the raw items of each page
 * @throws TypeError for a page without a list, and when the pages do not end; Excess when there are more items than any real list has
 */
export async function* rawPages(pages: AsyncIterable<unknown>, bodies: Json[]): AsyncGenerator<readonly unknown[]> {
  const links = new Set<unknown>();
  let count = 0;
  let items = 0;
  for await (const _page of pages) {
    const { value, nextLink } = bodies.shift() ?? {};
    if (!Array.isArray(value)) throw new TypeError('a page has no list of values');
    if (++count > MAX_PAGES || (nextLink && links.has(nextLink)))
      throw new TypeError(`the pages do not end: ${count} were read, and the next one was there before`);
    if ((items += value.length) > MAX_ITEMS) throw new Excess(`a list has more than ${MAX_ITEMS} items`);
    links.add(nextLink);
    yield value;
  }
}

/** @returns the raw items of all pages @throws as rawPages does */
export async function rawItems(pages: AsyncIterable<unknown>, bodies: Json[]): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  for await (const page of rawPages(pages, bodies)) for (const item of page) items.push(item);
  return items;
}
