// Who may reach the API server: everybody on the internet, or only addresses that somebody listed.
import type { Cluster } from '../model/cluster.ts';
import { azAks, shellComment } from '../model/shell.ts';
import type { IpRange } from '../network/ip.ts';
import { parseCidr, parseIp } from '../network/ip.ts';
import { isEveryPublicV4 } from '../network/public-addresses.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';

export const apiServerExposed: Rule = {
  id: 'api-server-exposed',
  title: 'The API server does not answer the whole internet',
  failing: 'has an API server that answers the whole internet',
  rationale:
    'Whoever can reach the API server can try stolen credentials and unpatched vulnerabilities on it; one success is enough to change every policy of the cluster.',
  severity: 'medium',
  subject: 'cluster',
  plane: 'cluster',
  since: 3,
  controls: [
    'PSRule: AZR-000030',
    'Checkov: CKV_AZURE_6',
    'Kubescape: C-0252',
    'Prowler: aks_clusters_public_access_disabled',
  ],
  references: ['https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge({ cluster }: Snapshot): Judgement {
  const { privateApi, vnetApi, authorizedIpRanges: listed } = cluster;
  if (privateApi) return pass('The API server is private.');
  if (vnetApi) return pass('The API server has its address in the virtual network of the cluster.');
  if (listed.length === 0)
    return fail('The API server is public, and no authorised ranges are set.', restrict(cluster, []));
  const ranges = listed.map((text) => ({ text, range: rangeOf(text) }));
  const open = ranges.flatMap(({ range }) => range ?? []);
  const odd = ranges.find(({ range }) => range === undefined);
  if (isEveryPublicV4(open)) {
    const kept = ranges.filter(({ range }) => range && !isVast(range)).map(({ text }) => text);
    const message = `The API server is public, and its authorised ranges let everybody in: ${listed.slice(0, 5).join(', ')}.`;
    return fail(message, restrict(cluster, kept));
  }
  if (odd)
    return unknown('unrecognised-value', `The authorised range "${odd.text}" is not an address or a CIDR block.`);
  return pass(
    `The API server answers only ${listed.length === 1 ? 'one authorised range' : `${listed.length} authorised ranges`}.`,
  );
}

/** AKS takes a bare address for a block of one. */
function rangeOf(text: string): IpRange | undefined {
  const ip = parseIp(text);
  return ip === undefined ? parseCidr(text) : { from: ip, to: ip };
}

/** Larger than any network that somebody administers from: a /8. */
const isVast = ({ from, to }: IpRange): boolean => to - from >= 1n << 24n;

/** The option replaces the whole list, and 0.0.0.0/32 in it would mean the cluster's own outbound address alone. */
const restrict = (cluster: Cluster, kept: readonly string[]): string =>
  [
    shellComment(
      'Replace YOUR_RANGES with every address that needs the API server: people, pipelines and the cluster’s own outbound address. Replace OUTBOUND_ADDRESS with the address that Bulkhead calls from. The list replaces the current one and holds at most 200 ranges.',
    ),
    azAks(
      cluster,
      'update',
      '--api-server-authorized-ip-ranges',
      [...kept, 'YOUR_RANGES', 'OUTBOUND_ADDRESS/32'].join(','),
    ),
  ].join('\n');
