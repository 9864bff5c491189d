// Protocol buffers as Kubernetes writes them, read into the object that the same thing would be in JSON. Fields that no table names are skipped unread.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Excess } from '../../too-much.ts';

type Target = Record<string, unknown>;

/** As in JSON: two bytes can stand for an object that takes thirty times as much. */
const MAX_VALUES = 200_000;

/** Counts what it is read for, so that a small object cannot become a large one. */
export class Reader extends BinaryReader {
  private values = 0;

  beginItem(): void {
    this.values = 0;
  }

  count(): void {
    if (++this.values > MAX_VALUES) throw new Excess(`an object has more than ${MAX_VALUES} values`);
  }
}

/** One field: the way it is encoded, and what it puts into the object. */
interface Field {
  readonly wire: WireType;
  readonly read: (reader: Reader, into: Target) => void;
}

/** The fields of a message that are read, by their numbers. */
export type Message = readonly (Field | undefined)[];

/** @param fields by their numbers, as in the `generated.proto` of the API's Go package */
export function message(fields: Readonly<Record<number, Field>>): Message {
  const byNumber: (Field | undefined)[] = [];
  for (const [number, field] of Object.entries(fields)) byNumber[Number(number)] = field;
  return byNumber;
}

/**
 * @param reader stands at the first field
 * @param end where the message ends
 * @returns the object, with what JSON has and no more
 * @throws SyntaxError when it is not such a message
 */
export function readMessage(reader: Reader, fields: Message, end: number): Target {
  const found: Target = {};
  reader.count();
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const field = fields[number];
    if (!field) reader.skip(wire, number);
    else if (field.wire !== wire) throw new SyntaxError(`field ${number} has the wire type ${wire}`);
    else field.read(reader, found);
  }
  if (reader.pos !== end) throw new SyntaxError('a field is longer than its message');
  return found;
}

const endOf = (reader: Reader): number => reader.uint32() + reader.pos;

/** Go writes an empty text that JSON leaves out (`omitempty`). */
export const text = (name: string): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => {
    const value = reader.string();
    if (value !== '') into[name] = value;
  },
});

export const texts = (name: string): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => {
    reader.count();
    listOf(into, name).push(reader.string());
  },
});

/** A number that JSON leaves out when it is 0. */
export const number = (name: string): Field => ({
  wire: WireType.Varint,
  read: (reader, into) => {
    const value = Number(reader.int64());
    if (value !== 0) into[name] = value;
  },
});

/** A pointer in Go: absent, or what it says even when that is 0. */
export const optionalNumber = (name: string): Field => ({
  wire: WireType.Varint,
  read: (reader, into) => void (into[name] = Number(reader.int64())),
});

/** A flag that JSON leaves out when it is false. */
export const flag = (name: string): Field => ({
  wire: WireType.Varint,
  read: (reader, into) => {
    if (reader.bool()) into[name] = true;
  },
});

/** A pointer in Go: absent, true or false. */
export const optionalFlag = (name: string): Field => ({
  wire: WireType.Varint,
  read: (reader, into) => void (into[name] = reader.bool()),
});

export const one = (name: string, fields: Message): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => void (into[name] = readMessage(reader, fields, endOf(reader))),
});

export const many = (name: string, fields: Message): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => void listOf(into, name).push(readMessage(reader, fields, endOf(reader))),
});

const mapEntry = message({ 1: optionalText('key'), 2: optionalText('value') });

function optionalText(name: string): Field {
  return { wire: WireType.LengthDelimited, read: (reader, into) => void (into[name] = reader.string()) };
}

/** `map<string, string>`: labels and the like. */
export const map = (name: string): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => {
    const { key = '', value = '' } = readMessage(reader, mapEntry, endOf(reader)) as { key?: string; value?: string };
    const entries = (into[name] ??= {}) as Target;
    // A label may be called `__proto__`.
    Object.defineProperty(entries, key, { value, enumerable: true, writable: true, configurable: true });
  },
});

const timeFields = message({ 1: number('seconds') });

/** `meta/v1.Time`: RFC 3339 in whole seconds, as JSON has it. */
export const time = (name: string): Field => ({
  wire: WireType.LengthDelimited,
  read: (reader, into) => {
    const { seconds = 0 } = readMessage(reader, timeFields, endOf(reader)) as { seconds?: number };
    const moment = new Date(seconds * 1000);
    if (Number.isNaN(moment.getTime())) throw new SyntaxError(`${name} is not a time`);
    into[name] = moment.toISOString().replace('.000Z', 'Z');
  },
});

function listOf(into: Target, name: string): unknown[] {
  return (into[name] ??= []) as unknown[];
}
