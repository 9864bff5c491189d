// Takes a Kubernetes list apart while it arrives: each item is parsed alone, so that memory is bound by one item and not by a page.
import { Excess, megabytes } from '../too-much.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;

/** How long the parts of a list beside its items may be: its kind and metadata, a few hundred bytes in real ones. */
const MAX_ENVELOPE = 1_000_000;
/** etcd takes 1.5 MiB an object, and API servers keep their own kinds there more tightly than they write them in JSON. */
export const MAX_ITEM_BYTES = 8 * 1024 * 1024;
/** Each value costs many times its bytes once it is parsed: `{}` alone 56. Real objects have a few hundred, the largest policies some ten thousand. */
const MAX_ITEM_VALUES = 200_000;
/** Real objects reach about 20. */
const MAX_DEPTH = 100;
/** The depth of an element of `items`: inside the list's own object and the array. */
const ITEM_DEPTH = 2;
/** The depth of the fields of an item's metadata. */
const METADATA_DEPTH = ITEM_DEPTH + 2;
/** Which program wrote which field: a third of most objects, and of no use here. It is left out before it is parsed. */
const LEFT_OUT = '"managedFields":';

/** The body ended before the list did: something on the way cut it off, and another try may bring all of it. */
export class CutOffError extends SyntaxError {}

export interface ItemSplitter {
  /** Takes the next bytes of the body. @throws SyntaxError when an item is not JSON; Excess when it is larger or deeper than any real one */
  push(chunk: Buffer): void;
  /** How many bytes are kept of what is not whole yet. */
  readonly held: number;
  /**
   * @returns the list without its items, which stand as `[]`, or as `null` where the server said so
   * @throws CutOffError when the body is cut off; SyntaxError when it is not JSON
   */
  end(): unknown;
}

/**
 * @param onItem gets each element of the top-level `items` array, parsed, in order
 * @param onHead gets the list as far as it stands before its items, parsed: real ones say first where they go on
 */
export function splitItems(onItem: (item: unknown) => void, onHead?: (list: unknown) => void): ItemSplitter {
  /** What was read outside of items, and of the item at hand. */
  let envelope = '';
  let item: Buffer[] = [];
  let itemBytes = 0;
  /** Of the item at hand, at least: each but the last is followed by a comma, or is the first of what is opened. */
  let values = 0;
  let depth = 0;
  let inItems = false;
  let inString = false;
  /** Within a part of an item that is left out. */
  let leavesOut = false;
  /** The last byte of the chunk before was a backslash that escapes the first of this one. */
  let escaped = false;

  /** @returns the place after the string that `from` is in, or the end of the chunk */
  function skipString(chunk: Buffer, from: number): number {
    let at = escaped ? from + 1 : from;
    escaped = false;
    // Texts are short: a byte at a time is faster than a search, which is a call into the runtime.
    while (at < chunk.length) {
      const byte = chunk[at++];
      if (byte === QUOTE) {
        inString = false;
        return at;
      }
      if (byte !== BACKSLASH) continue;
      escaped = at === chunk.length;
      at++;
    }
    return chunk.length;
  }

  const keep = (text: string): void => {
    envelope += text;
    if (envelope.length > MAX_ENVELOPE)
      throw new Excess(`a list has more than ${megabytes(MAX_ENVELOPE)} beside its items`);
  };

  const keepOfItem = (piece: Buffer): void => {
    item.push(piece);
    itemBytes += piece.length;
    checkItem(itemBytes, values);
  };

  function finishItem(last: Buffer): void {
    checkItem(itemBytes + last.length, values);
    const bytes = item.length === 0 ? last : Buffer.concat([...item, last]);
    item = [];
    itemBytes = 0;
    values = 0;
    onItem(JSON.parse(bytes.toString('utf8')));
  }

  return {
    push(chunk) {
      /** Where the piece starts that belongs to the envelope or to the item at hand. */
      let start = 0;
      let at = 0;
      while (at < chunk.length) {
        if (inString) {
          at = skipString(chunk, at);
          continue;
        }
        const byte = chunk[at++];
        if (byte === QUOTE) {
          inString = true;
          checkBetween(depth, inItems);
        } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          if (inItems && depth === ITEM_DEPTH) start = at - 1;
          else if (inItems && depth === METADATA_DEPTH && isLeftOut(chunk, at - 1)) {
            keepOfItem(Buffer.from(`${chunk.toString('latin1', start, at - 1)}null`, 'latin1'));
            leavesOut = true;
          }
          values++;
          if (++depth > MAX_DEPTH) throw new Excess(`an object is nested more than ${MAX_DEPTH} deep`);
          if (byte === OPEN_BRACKET && depth === ITEM_DEPTH && !inItems) {
            keep(chunk.toString('latin1', start, at));
            start = at;
            inItems = /"items"\s*:\s*\[$/.test(envelope.slice(-200));
            if (inItems) onHead?.(parseEnvelope(`${envelope}]}`));
          }
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          depth--;
          if (leavesOut) {
            if (depth > METADATA_DEPTH) continue;
            leavesOut = false;
            start = at;
          } else if (inItems && depth === ITEM_DEPTH) finishItem(chunk.subarray(start, at));
          else if (inItems && depth < ITEM_DEPTH) {
            inItems = false;
            start = at - 1;
          }
        } else if (byte === COMMA) values++;
        else if (byte! > SPACE) checkBetween(depth, inItems);
      }
      if (!inItems) keep(chunk.toString('latin1', start));
      else if (depth > ITEM_DEPTH && !leavesOut) keepOfItem(Buffer.from(chunk.subarray(start)));
    },
    get held() {
      return itemBytes + envelope.length;
    },
    end() {
      if (depth > 0 || inString || envelope === '') throw new CutOffError('the list is cut off');
      return parseEnvelope(envelope);
    },
  };
}

function checkItem(bytes: number, values: number): void {
  if (bytes > MAX_ITEM_BYTES) throw new Excess(`an object has more than ${megabytes(MAX_ITEM_BYTES)}`);
  if (values > MAX_ITEM_VALUES) throw new Excess(`an object has more than ${MAX_ITEM_VALUES} values`);
}

/** What is no object is no item: it must not be passed over. */
function checkBetween(depth: number, inItems: boolean): void {
  if (inItems && depth === ITEM_DEPTH) throw new SyntaxError('an item of the list is not an object');
}

const parseEnvelope = (latin1: string): unknown => JSON.parse(Buffer.from(latin1, 'latin1').toString('utf8'));

/** Where the name of the field lies in the chunk before, the field is kept, which costs nothing but time. */
const isLeftOut = (chunk: Buffer, bracket: number): boolean =>
  bracket >= LEFT_OUT.length && chunk.toString('latin1', bracket - LEFT_OUT.length, bracket) === LEFT_OUT;
