// What Azure Table Storage takes, as documented: the memory tables refuse what it refuses, with its codes.
import type { Row, RowChange, Value } from '../../shared/ports.ts';

const KIB = 1024;
/** Understanding the Table service data model, learn.microsoft.com/rest/api/storageservices: of 255 properties three are the service's own. */
const MOST_PROPERTIES = 252;
const PROPERTY_BYTES = 64 * KIB;
const PROPERTY_NAME_CHARS = 255;
const ENTITY_BYTES = 1024 * KIB;
const KEY_CHARS = 512;
const FORBIDDEN_IN_KEYS = /[/\\#?\p{Cc}]/u;
/** Performing entity group transactions, the same place. */
const TRANSACTION_CHANGES = 100;
const TRANSACTION_BYTES = 4 * KIB * KIB;
/** Boundaries, headers and the address of each change in the body of a transaction; seen with the SDK: about 420. */
const CHANGE_OVERHEAD_BYTES = 512;

/** A request that the service would answer with 400 or 413. */
class LimitError extends Error {
  constructor(code: string, what: string) {
    super(`${code}: ${what}`);
    this.name = 'LimitError';
  }
}

const propertiesOf = (row: Row): readonly (readonly [string, Value])[] =>
  Object.entries(row).flatMap(([name, value]) =>
    ['partitionKey', 'rowKey', 'etag'].includes(name) || value === undefined || value === null
      ? []
      : [[name, value] as const],
  );

/** @throws LimitError when the service would not take the row */
export function checkRow(row: Row): void {
  for (const key of [row.partitionKey, row.rowKey]) {
    if (key.length > KEY_CHARS) throw new LimitError('KeyValueTooLarge', `${key.length} characters: ${key}`);
    if (FORBIDDEN_IN_KEYS.test(key)) throw new LimitError('OutOfRangeInput', `the key ${JSON.stringify(key)}`);
  }
  const properties = propertiesOf(row);
  const where = `${row.partitionKey} / ${row.rowKey}`;
  if (properties.length > MOST_PROPERTIES)
    throw new LimitError('TooManyProperties', `${properties.length} in ${where}`);
  let bytes = 4 + 2 * (row.partitionKey.length + row.rowKey.length);
  for (const [name, value] of properties) {
    if (name.length > PROPERTY_NAME_CHARS) throw new LimitError('PropertyNameTooLong', `${name} in ${where}`);
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw new LimitError('PropertyNameInvalid', `${name} in ${where}`);
    const size = valueBytes(value);
    if (size > PROPERTY_BYTES) throw new LimitError('PropertyValueTooLarge', `${name} in ${where}: ${size} bytes`);
    bytes += 8 + 2 * name.length + 4 + size;
  }
  if (bytes > ENTITY_BYTES) throw new LimitError('EntityTooLarge', `${where}: ${bytes} bytes`);
}

/** Text is stored as UTF-16. */
const valueBytes = (value: Value): number =>
  typeof value === 'string' ? 2 * value.length : value instanceof Uint8Array ? value.length : 8;

/** @throws LimitError when the service would not take the transaction */
export function checkTransaction(partitionKey: string, changes: readonly RowChange[]): void {
  if (changes.length > TRANSACTION_CHANGES) throw new LimitError('InvalidInput', `${changes.length} changes`);
  const keys = changes.map((change) => (change.kind === 'delete' ? change.rowKey : change.row.rowKey));
  if (new Set(keys).size !== keys.length) throw new LimitError('InvalidDuplicateRow', 'each row may be named once');
  for (const change of changes) {
    if (change.kind === 'delete') continue;
    if (change.row.partitionKey !== partitionKey)
      throw new LimitError('CommandsInBatchActOnDifferentPartitions', change.row.partitionKey);
    checkRow(change.row);
  }
  const bytes = transactionBytes(changes);
  if (bytes > TRANSACTION_BYTES) throw new LimitError('RequestBodyTooLarge', `${bytes} bytes`);
}

/** @returns about how many bytes a transaction has as it is sent: JSON with bytes in base64 */
export function transactionBytes(changes: readonly RowChange[]): number {
  let bytes = 0;
  for (const change of changes) {
    bytes += CHANGE_OVERHEAD_BYTES;
    if (change.kind === 'delete') continue;
    for (const [name, value] of propertiesOf(change.row)) bytes += 2 * name.length + 40 + sentBytes(value);
  }
  return bytes;
}

const sentBytes = (value: Value): number =>
  value instanceof Uint8Array
    ? 4 * Math.ceil(value.length / 3)
    : typeof value === 'string'
      ? Buffer.byteLength(JSON.stringify(value))
      : String(value).length;
