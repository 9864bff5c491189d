// Takes a Kubernetes list in protocol buffers apart while it arrives. An API server writes it in a third of the time that JSON takes it,
// and says how long each item is, so that nothing has to be looked through to find its end.
import { WireType } from '@bufbuild/protobuf/wire';
import type { ItemSplitter } from '../items.ts';
import { CutOffError, MAX_ITEM_BYTES } from '../items.ts';
import { Excess, megabytes } from '../../too-much.ts';
import type { Message } from './fields.ts';
import { Reader, readMessage } from './fields.ts';
import { listMeta, statusMessage, typeMeta } from './objects.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** What every object begins with (Kubernetes API concepts, "Kubernetes protobuf encoding"). */
const MAGIC = Buffer.from('k8s\0', 'latin1');
/** Fields of `runtime.Unknown`, in which every object is wrapped. */
const wrapper = { typeMeta: 1, raw: 2 };
/** Fields of every list. */
const list = { metadata: 1, items: 2 };

/** A field: its number, 0 when it holds nothing that is asked for, and where its content starts and ends. */
interface Frame {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

/** An object as etcd keeps it, which takes 1.5 MiB; what is not a field that is read may be as long as an object in JSON. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
/** A tag, and the length or the number after it. */
const LONGEST_HEAD = 5 + 10;

/**
 * @param reader stands at the start of a field
 * @returns the field; undefined when the bytes end before one can tell how long it is
 * @throws SyntaxError when lists have no such fields
 */
function frameAt(reader: Reader): Frame | undefined {
  const from = reader.pos;
  try {
    const [field, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) {
      const length = reader.uint32();
      return { field, start: reader.pos, end: reader.pos + length };
    }
    reader.skip(wire, field);
    return { field: 0, start: reader.pos, end: reader.pos };
  } catch (error) {
    if (reader.len - from < LONGEST_HEAD) return undefined;
    throw asSyntax(error);
  }
}

function contentOf(reader: Reader, { start, end }: Frame, fields: Message): Record<string, unknown> {
  reader.pos = start;
  reader.beginItem();
  try {
    return readMessage(reader, fields, end);
  } catch (error) {
    throw asSyntax(error);
  }
}

const asSyntax = (error: unknown): SyntaxError | Excess =>
  error instanceof SyntaxError || error instanceof Excess
    ? error
    : new SyntaxError(error instanceof Error ? error.message : String(error));

const isWrapped = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));

/**
 * @param fields of an item
 * @param onItem gets each item, in order: the object that it would be in JSON, with the fields asked for
 * @param onHead gets the list before its items
 */
export function splitProtobuf(
  fields: Message,
  onItem: (item: unknown) => void,
  onHead?: (list: unknown) => void,
): ItemSplitter {
  let pieces: Uint8Array[] = [];
  let held = 0;
  /** Nothing can be done before so many bytes are held. */
  let needed = MAGIC.length;
  let begun = false;
  /** How much of the list is still to come; undefined before it begins. */
  let left: number | undefined;
  let type: Record<string, unknown> = {};
  let metadata: Record<string, unknown> = {};
  let headTold = false;

  const soFar = (): unknown => ({ ...type, metadata, items: [] });

  function takeField(reader: Reader, frame: Frame): void {
    if (left === undefined) {
      if (frame.field === wrapper.typeMeta) type = contentOf(reader, frame, typeMeta);
    } else if (frame.field === list.metadata) metadata = contentOf(reader, frame, listMeta);
    else if (frame.field === list.items) {
      if (!headTold) onHead?.(soFar());
      headTold = true;
      onItem(contentOf(reader, frame, fields));
    }
  }

  /** Takes what is whole. @returns the rest, of which more is needed */
  function take(bytes: Uint8Array): Uint8Array {
    const reader = new Reader(bytes);
    if (!begun) {
      if (!isWrapped(bytes)) throw new SyntaxError('the answer is not a Kubernetes object');
      begun = true;
      reader.pos = MAGIC.length;
    }
    while (reader.pos < bytes.length && left !== 0) {
      const from = reader.pos;
      const frame = frameAt(reader);
      if (frame && left === undefined && frame.field === wrapper.raw) {
        left = frame.end - frame.start;
        continue;
      }
      if (frame && left !== undefined && frame.end - from > left)
        throw new SyntaxError('an item is longer than its list');
      if (frame && frame.end - frame.start > (frame.field === list.items ? MAX_MESSAGE_BYTES : MAX_ITEM_BYTES))
        throw new Excess(`an object has more than ${megabytes(MAX_MESSAGE_BYTES)}`);
      if (!frame || frame.end > bytes.length) {
        needed = frame ? frame.end - from : bytes.length - from + 1;
        return bytes.subarray(from);
      }
      takeField(reader, frame);
      reader.pos = frame.end;
      if (left !== undefined) left -= frame.end - from;
    }
    needed = 1;
    return bytes.subarray(bytes.length);
  }

  return {
    push(chunk) {
      // What follows the list says how it was encoded, which is always the same.
      if (left === 0) return;
      pieces.push(chunk);
      held += chunk.length;
      if (held < needed) return;
      const { buffer, byteOffset, length } = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
      // Not a Buffer: reading out of one took a fifth longer (measured).
      const rest = take(new Uint8Array(buffer, byteOffset, length));
      pieces = rest.length > 0 ? [rest] : [];
      held = rest.length;
    },
    get held() {
      return held;
    },
    end() {
      if (left !== 0) throw new CutOffError('the list is cut off');
      return soFar();
    },
  };
}

/** @returns the sentence of a Kubernetes Status object; undefined when the bytes are anything else */
export function statusSentence(bytes: Uint8Array): string | undefined {
  if (!isWrapped(bytes)) return undefined;
  const reader = new Reader(bytes);
  reader.pos = MAGIC.length;
  try {
    for (let frame = frameAt(reader); frame && frame.end <= bytes.length; frame = frameAt(reader)) {
      if (frame.field === wrapper.raw) {
        const { message } = contentOf(reader, frame, statusMessage);
        return typeof message === 'string' ? message : undefined;
      }
      reader.pos = frame.end;
    }
    return undefined;
  } catch {
    return undefined;
  }
}
