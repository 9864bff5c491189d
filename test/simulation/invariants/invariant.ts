// What must hold of every run: each invariant watches what happens and says so when it is broken.
import type { Clock, StoredRow, TableName, Tables } from '../../../shared/ports.ts';
import { unpackBody } from '../../../shared/store/body.ts';
import type { Config } from '../../../shared/app/config.ts';
import type { StoredChange } from '../../support/memory-tables.ts';
import type { MemoryEstate } from '../../support/estate.ts';
import type { Asked } from '../asked.ts';
import type { Answer } from '../doors.ts';
import type { Invocation } from '../host.ts';
import type { Insides } from '../inside.ts';
import type { Post, Teams } from '../teams.ts';

/** What an invariant may look at; reading it disturbs nothing. */
export interface Observed {
  readonly clock: Clock;
  readonly config: Config;
  readonly estate: MemoryEstate;
  readonly insides: Insides;
  readonly asked: Asked;
  readonly teams: Teams;
  /** Behind the faults. */
  readonly tables: Tables;
  /** Since when nothing goes wrong any more, in milliseconds since 1970; undefined while something may. */
  readonly calmSince: () => number | undefined;
  /** Asks the HTTP API, behind the faults as well. @param path behind `/api/` */
  readonly ask: (path: string) => Promise<Answer>;
  /** Says that an invariant is broken, and how. */
  readonly broken: (what: string) => void;
}

const read = new WeakMap<StoredRow, unknown>();

/** @returns the body of a stored row; rows are never changed in place, so each is unpacked once */
export function bodyOf<T>(row: StoredRow): T {
  if (!read.has(row)) read.set(row, unpackBody(row));
  return read.get(row) as T;
}

export interface Invariant {
  committed?(table: TableName, changes: readonly StoredChange[]): void;
  posted?(post: Post): void;
  /** Teams answered a post to a conversation with something else than `sent`. */
  refused?(conversationId: string, status: 'gone' | 'retry'): void;
  /** ARM answered 404 to a GET of a cluster. */
  armGone?(clusterId: string): void;
  ended?(invocation: Invocation): void;
  /** The outside was told that a scan was complete. */
  heartbeat?(): void;
  /** Faults have stopped long ago, and everything had time to come to rest. */
  settled?(): Promise<void>;
}
