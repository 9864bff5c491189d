// Which addresses are of the internet.
import type { IpRange } from './ip.ts';
import { allIpv4, parseCidr, subtractRanges } from './ip.ts';

const blocks = (...cidrs: string[]): readonly IpRange[] => cidrs.map((cidr) => parseCidr(cidr)!);

/**
 * What the IANA registries of special-purpose addresses call not globally reachable (RFC 6890 and its successors), and multicast.
 * Blocks for documentation stand for public addresses in examples, and are nowhere else: they are left in.
 */
const SPECIAL_V4 = blocks(
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the platform's own, on every Azure host: health probes come from it (Azure, "What is IP address 168.63.129.16?")
  '169.254.0.0/16', // link-local
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
);
/** All that IANA has given out of IPv6 for the internet; private, link-local and the like lie outside. */
const GLOBAL_V6 = parseCidr('2000::/3')!;
/** Protocol assignments, with Teredo. */
const SPECIAL_V6 = blocks('2001::/23');

const publicV4 = subtractRanges(allIpv4, SPECIAL_V4);
const allPublic: readonly IpRange[] = [...publicV4, ...subtractRanges(GLOBAL_V6, SPECIAL_V6)];

/** @returns the parts of a range that are addresses of the internet @param local blocks that a cluster uses itself, whatever they are elsewhere */
export const publicParts = (range: IpRange, local: readonly IpRange[] = []): readonly IpRange[] =>
  allPublic.flatMap(({ from, to }) => {
    const part = { from: from > range.from ? from : range.from, to: to < range.to ? to : range.to };
    return part.from > part.to ? [] : subtractRanges(part, local);
  });

/** @returns true when nothing of the public IPv4 addresses is missing */
export const isEveryPublicV4 = (ranges: readonly IpRange[]): boolean =>
  publicV4.every((range) => subtractRanges(range, ranges).length === 0);
