// One table of what a failed read of an API server means for a cluster: its reason, in words, with what to grant or connect.
import { redact } from '../../log.ts';
import { describeError } from '../failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import { UnreadableError } from '../../model/estate.ts';
import type { InClusterUnknown } from '../../model/in-cluster.ts';
import { grantInside } from '../../model/reading-roles.ts';
import { azAks, shellComment } from '../../model/shell.ts';
import type { UnknownReason } from '../../model/verdict.ts';
import type { ApiFailure } from './api-error.ts';
import { ApiError } from './api-error.ts';
import { TooMuchError } from '../too-much.ts';

/** @param message may quote what a server said: secrets are taken out */
export const unknown = (reason: UnknownReason, message: string, remedy: string): InClusterUnknown => ({
  status: 'unknown',
  reason,
  message: redact(message),
  remedy,
});

const NEXT_SCAN = 'The next scan tries again.';
const MANIFESTS = 'Audit its manifests instead (npm run audit -- --help).';
const TOO_LARGE = `Remove what fills it. A cluster that is so large needs a larger heap (languageWorkers__node__arguments). ${MANIFESTS}`;

/** Somebody on the way gave a part only, and said so. */
export class CutShortError extends Error {}

/** More than one kind can be forbidden at once: all are told together. */
export class ForbiddenError extends Error {
  readonly resources: readonly string[];
  constructor(resources: readonly string[]) {
    super(`may not list ${resources.join(', ')}`);
    this.name = 'ForbiddenError';
    this.resources = resources;
  }
}

/**
 * Azure Lighthouse delegates no roles with data actions, and AKS lets in identities of its own tenant only (Azure Lighthouse
 * documentation, "Tenants, users, and roles"; AKS documentation, "Use Microsoft Entra ID").
 * @returns why a cluster that need not be asked cannot be read; undefined when it is worth trying
 */
export function preflight(cluster: Cluster, allowLocalAccounts: boolean): InClusterUnknown | undefined {
  if (cluster.power === 'stopped')
    return unknown('stopped', 'The cluster is stopped: it has no API server.', azAks(cluster, 'start'));
  if (cluster.provisioning === 'creating' || cluster.provisioning === 'deleting')
    return unknown('transient', `The cluster is being ${cluster.provisioning.replace('ing', 'ed')}.`, NEXT_SCAN);
  if (cluster.homeTenant)
    return unknown(
      'delegated',
      `The subscription belongs to tenant ${cluster.homeTenant}, which has delegated it by Azure Lighthouse: what ARM tells is judged, and not what is inside.`,
      shellComment('Roles inside clusters cannot be delegated. To look inside, run Bulkhead in that tenant.'),
    );
  if (cluster.entra) return undefined;
  const remedy = azAks(cluster, 'update', '--enable-aad', '--enable-azure-rbac');
  if (cluster.localAccountsDisabled)
    return unknown(
      'no-entra',
      'The cluster has neither Entra integration nor local accounts: nobody can sign in.',
      remedy,
    );
  if (allowLocalAccounts) return undefined;
  return unknown(
    'no-entra',
    'The cluster has no Entra integration: its user credential is cluster-admin, which Bulkhead does not use.',
    `${remedy}\n${shellComment('Or let Bulkhead use the local account: set BULKHEAD_ALLOW_LOCAL_ACCOUNTS to on.')}`,
  );
}

/** @returns the failure of a read as what it means for this cluster */
export function unknownFor(error: unknown, cluster: Cluster): InClusterUnknown {
  if (error instanceof UnreadableError) return unknown(error.reason, error.message, error.remedy);
  if (error instanceof ForbiddenError) return forbidden(error.resources, cluster);
  if (error instanceof TooMuchError) return unknown('too-large', error.message, TOO_LARGE);
  if (error instanceof CutShortError) return unknown('truncated', error.message, MANIFESTS);
  if (error instanceof ApiError) return explainFailure(error.failure, error.path.split('?', 1)[0] ?? '', cluster);
  return unknown(
    'error',
    `Reading the cluster failed: ${describeError(error)}`,
    'If the next scan says the same, report it to the makers of Bulkhead.',
  );
}

/** @returns what to say when the time for one cluster is over */
export const outOfTime = (seconds: number): InClusterUnknown =>
  unknown('timeout', `Reading the cluster took longer than ${Math.round(seconds)} s.`, NEXT_SCAN);

function explainFailure(failure: ApiFailure, path: string, cluster: Cluster): InClusterUnknown {
  switch (failure.kind) {
    case 'unreachable':
      return unreachable(failure.code, cluster);
    case 'tls':
      return unknown(
        'error',
        `The certificate of the API server is not accepted (${failure.code}): ${failure.message}`,
        'Look for a proxy or firewall between Bulkhead and the cluster that ends TLS; a rotated certificate needs no action.',
      );
    case 'interrupted':
      return unknown(
        'transient',
        `The API server’s answer to ${path} broke off before its end (${failure.code}).`,
        NEXT_SCAN,
      );
    case 'timeout':
      return unknown('timeout', `The API server did not answer ${path} in time.`, NEXT_SCAN);
    case 'too-large':
      return unknown('too-large', `The answer to ${path} is too large: ${failure.message}.`, TOO_LARGE);
    case 'broken':
      return unknown(
        'error',
        `${path}: ${failure.message}`,
        'Look for a proxy or firewall that answers in place of the API server.',
      );
    case 'status':
      return explainStatus(failure, path, cluster);
  }
}

function explainStatus(
  { status, message }: Extract<ApiFailure, { kind: 'status' }>,
  path: string,
  cluster: Cluster,
): InClusterUnknown {
  if (status === 401)
    return unknown(
      'forbidden',
      `The API server does not accept the identity's token (401).`,
      `Check that the cluster trusts the tenant of the identity: ${azAks(cluster, 'show', '--query', 'aadProfile')}`,
    );
  if (status === 403) return forbidden([path], cluster);
  if (status === 429 || status >= 500)
    return unknown('transient', `The API server could not answer ${path} (${status}): ${message}`, NEXT_SCAN);
  if (status === 410)
    return unknown('transient', `Lists change faster than they can be read (410 for ${path}).`, NEXT_SCAN);
  return unknown(
    'error',
    `The API server refuses ${path} (${status}): ${message}`,
    'Look for a proxy or firewall that answers in place of the API server.',
  );
}

/** A private address and an address outside the allowed ranges look the same from outside: the body tells which it is. */
function unreachable(code: string, cluster: Cluster): InClusterUnknown {
  if (cluster.privateApi)
    return unknown(
      'private',
      `The API server is private, and cannot be reached from here (${code}).`,
      "Connect the Function to the cluster's network: VNet integration, peering and a link to its private DNS zone.",
    );
  if (cluster.authorizedIpRanges.length > 0) {
    // The option replaces the whole list: a command with part of it would lock others out.
    const all = cluster.authorizedIpRanges;
    const ranges = [...(all.length > 20 ? ['ALL_PRESENT_RANGES'] : all), 'OUTBOUND_ADDRESS/32'].join(',');
    return unknown(
      'ip-restricted',
      `The API server answers listed addresses only, and Bulkhead’s is not among them (${code}).`,
      azAks(cluster, 'update', '--api-server-authorized-ip-ranges', ranges),
    );
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code))
    return unknown('timeout', `No connection to the API server (${code}).`, NEXT_SCAN);
  return unknown('transient', `No connection to the API server (${code}).`, NEXT_SCAN);
}

const forbidden = (resources: readonly string[], cluster: Cluster): InClusterUnknown =>
  unknown('forbidden', `The identity may not list ${resources.join(', ')} (403).`, grantInside(cluster));
