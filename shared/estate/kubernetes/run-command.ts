// The way into a private cluster that no network leads to: one `kubectl` script in a pod that AKS starts (`az aks command invoke`).
// Microsoft documents it as not meant for programs, hence by setting only. Its output ends at 512 kB: it is projected and compressed.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import type { Cluster } from '../../model/cluster.ts';
import type { InClusterRead } from '../../model/in-cluster.ts';
import type { ArmTarget } from '../arm-client.ts';
import { armClientOptions, newTally } from '../arm-client.ts';
import { toUnreadable } from '../failure.ts';
import type { Access } from './access.ts';
import { assemble, requireMusts } from './collect.ts';
import { CutShortError } from './explain.ts';
import { Excess, TooMuchError, megabytes } from '../too-much.ts';
import type { Meter } from './meter.ts';
import { parseSections, script, sectionsOf } from './run-command-script.ts';

/** AKS cuts the output here (AKS documentation, command invoke); a little less, as what it counts is not documented. */
const OUTPUT_LIMIT = 500_000;
/** 512 kB of base64 hold 380 kB of gzip, in which rows that are alike become a thirtieth. */
const MAX_UNPACKED_BYTES = 16_000_000;

export interface RunCommandOptions {
  readonly cluster: Cluster;
  readonly arm: ArmTarget;
  readonly credential: TokenCredential;
  readonly access: Pick<Access, 'token' | 'turn'>;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** @throws UnreadableError, TooMuchError, ForbiddenError; SyntaxError or TypeError when the output cannot be understood */
export async function readByRunCommand(options: RunCommandOptions): Promise<InClusterRead> {
  const { meter, signal } = options;
  const output = await unpack(await runCommand(options), meter);
  meter.hold(output.length);
  await meter.settle(signal);
  try {
    const reads = parseSections(output, sectionsOf(), meter);
    requireMusts(reads);
    return assemble(reads);
  } catch (error) {
    throw error instanceof Excess ? meter.tooMuch(`answers the run command with too much: ${error.message}`) : error;
  }
}

async function runCommand({ cluster, arm, credential, access, signal }: RunCommandOptions): Promise<string> {
  const target = {
    what: `the objects of ${cluster.name} by a run command`,
    scope: cluster.id,
    reason: 'forbidden',
    role: 'ROLE_WITH managedClusters/runcommand/action AND managedClusters/commandResults/read',
  } as const;
  await access.turn(cluster, signal);
  // Without Entra there is no token to pass, and the command runs as cluster-admin: preflight lets that through by setting only.
  const clusterToken = cluster.entra ? { clusterToken: await access.token(signal) } : {};
  try {
    const client = new ContainerServiceClient(credential, cluster.subscriptionId, armClientOptions(arm, newTally()));
    const { exitCode, logs, provisioningState, reason } = await client.managedClusters.runCommand(
      cluster.resourceGroup,
      cluster.name,
      { command: script(), ...clusterToken },
      { abortSignal: signal },
    );
    if (provisioningState?.toLowerCase() === 'failed')
      throw new TypeError(`the command was not run: ${reason ?? 'no reason was given'}`);
    if (exitCode !== 0) throw new TypeError(`the command ended with ${exitCode}: ${(logs ?? '').slice(0, 200)}`);
    return logs ?? '';
  } catch (error) {
    throw toUnreadable(error, target, signal);
  }
}

/** @param logs gzip in base64, with line breaks */
async function unpack(logs: string, meter: Meter): Promise<string> {
  const packed = Buffer.from(logs, 'base64');
  meter.packed(packed.length);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    for await (const chunk of stream) {
      meter.unpacked(chunk.length);
      if ((size += chunk.length) > MAX_UNPACKED_BYTES)
        throw meter.tooMuch(`answers the run command with more than ${megabytes(MAX_UNPACKED_BYTES)}`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TooMuchError) throw error;
    if (logs.length >= OUTPUT_LIMIT)
      throw new CutShortError('The output of the run command was cut off: AKS returns at most 512 kB.', {
        cause: error,
      });
    throw new TypeError('the output of the run command is not what its script writes', { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}
