// IP addresses and ranges as numbers: IPv4 and IPv6 on one line, IPv4 first.

/** IPv6 stands behind all of IPv4 on the line, so that the families never mix. */
const V6_OFFSET = 1n << 32n;
const V6_SIZE = 1n << 128n;

/** Inclusive. */
export interface IpRange {
  readonly from: bigint;
  readonly to: bigint;
}

export const allIpv4: IpRange = { from: 0n, to: V6_OFFSET - 1n };
export const allIpv6: IpRange = { from: V6_OFFSET, to: V6_OFFSET + V6_SIZE - 1n };

/** @returns where an address is on the line, or undefined when the text is not an address */
export function parseIp(text: string): bigint | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0n;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256n + BigInt(byte);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded) {
    const v4 = parseV4(embedded[2]!);
    if (v4 === undefined) return undefined;
    return parseV6(`${embedded[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const [head, tail] = [groups(halves[0]!), groups(halves[1] ?? '')];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return V6_OFFSET + all.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** @returns the addresses of a CIDR block, or undefined when the text is not one; host bits are ignored, as Kubernetes does */
export function parseCidr(text: string): IpRange | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const ip = match ? parseIp(match[1]!) : undefined;
  if (!match || ip === undefined) return undefined;
  const isV6 = ip >= V6_OFFSET;
  const bits = isV6 ? 128n : 32n;
  const prefix = BigInt(match[2]!);
  if (prefix > bits) return undefined;
  const size = 1n << (bits - prefix);
  const base = isV6 ? V6_OFFSET : 0n;
  const from = ((ip - base) / size) * size + base;
  return { from, to: from + size - 1n };
}

/** @returns `a.b.c.d`, or IPv6 in its shortest form (RFC 5952) */
export function formatIp(value: bigint): string {
  if (value < V6_OFFSET) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join('.');
  const address = value - V6_OFFSET;
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return URL.parse(`http://[${groups.join(':')}]`)!.hostname.slice(1, -1);
}

/** @returns a range as a CIDR block where it is one, else as `FROM-TO` */
export function formatRange({ from, to }: IpRange): string {
  const bits = from < V6_OFFSET ? 32 : 128;
  for (let prefix = 0; prefix <= bits; prefix++) {
    const cidr = `${formatIp(from)}/${prefix}`;
    const block = parseCidr(cidr)!;
    if (block.from === from && block.to === to) return prefix === bits ? formatIp(from) : cidr;
  }
  return `${formatIp(from)}-${formatIp(to)}`;
}

/** @returns a block without its exceptions, as ranges in order */
export function subtractRanges(block: IpRange, except: readonly IpRange[]): readonly IpRange[] {
  const left: IpRange[] = [];
  let { from } = block;
  for (const hole of except.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (hole.from > block.to) break;
    if (hole.from > from) left.push({ from, to: hole.from - 1n });
    if (hole.to >= from) from = hole.to + 1n;
  }
  if (from <= block.to) left.push({ from, to: block.to });
  return left;
}

/** @returns what tells whether a range has an address in common with one of these, by binary search */
export function meeting(ranges: readonly IpRange[]): (range: IpRange) => boolean {
  const joined: IpRange[] = [];
  for (const range of ranges.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = joined.at(-1);
    if (!last || range.from > last.to) joined.push(range);
    else if (range.to > last.to) joined[joined.length - 1] = { from: last.from, to: range.to };
  }
  return ({ from, to }) => {
    let [low, high] = [0, joined.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (joined[middle]!.to < from) low = middle + 1;
      else high = middle;
    }
    return low < joined.length && joined[low]!.from <= to;
  };
}

/** @param atoms in order, with no gap inside a family @returns the index of the one that holds an address, by binary search; -1 when none does */
export function findAtom(atoms: readonly IpRange[], ip: bigint): number {
  let [low, high] = [0, atoms.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const atom = atoms[middle]!;
    if (ip < atom.from) high = middle - 1;
    else if (ip > atom.to) low = middle + 1;
    else return middle;
  }
  return -1;
}
