// What a local run or a test puts in the place of the real thing.
import type { Catalogue } from '../rules/index.ts';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Chat, Clock, ClusterReader, Estate, Log, Queue, Tables } from '../ports.ts';

export interface Overrides {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly credential?: TokenCredential;
  /** Of the simulated Azure, in the place of the cloud's. */
  readonly armEndpoint?: string;
  readonly httpClient?: HttpClient;
  readonly reader?: ClusterReader;
  /** In the place of this release's rules: those of an earlier one. */
  readonly catalogue?: Catalogue;
  readonly estate?: Estate;
  readonly tables?: Tables;
  readonly queue?: Queue;
  readonly chat?: Chat;
  /** Gives numbers from 0 to below 1. */
  readonly random?: () => number;
  /** Gives a few characters, never the same twice. */
  readonly nonce?: () => string;
  /** Is told of every operation on a table or a queue. */
  readonly onStorageCall?: (operation: string) => void;
  /** Off unless told. */
  readonly checkAnswers?: boolean;
}
