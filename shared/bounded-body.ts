// Reads what strangers send: never more of it than was agreed, however much they say or send.

/** A body that has not been read yet, of a request or of an answer. */
export interface Body {
  /** The header Content-Length, where there is one. */
  readonly declared: string | null | undefined;
  /** Its bytes, as they come; null for no body at all. */
  readonly bytes: AsyncIterable<Uint8Array> | null;
}

/** @returns true when it says itself that it is longer than `mostBytes`: then not a byte of it has to be read */
export const isTooLong = ({ declared }: Pick<Body, 'declared'>, mostBytes: number): boolean =>
  Number(declared ?? 0) > mostBytes;

/**
 * @returns the whole body, or undefined when it is longer than `mostBytes`: of that, nothing is read where it declares its length,
 *   and otherwise no more than the chunk that goes too far; the rest is cancelled
 * @throws what reading it throws
 */
export async function readBounded(body: Body, mostBytes: number): Promise<Buffer | undefined> {
  if (isTooLong(body, mostBytes)) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body.bytes ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
