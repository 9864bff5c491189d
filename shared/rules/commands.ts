// The exact `az` commands for one cluster, with what must hold before they can be run.
import type { Cluster } from '../model/cluster.ts';

/** @returns the text as one word of a POSIX shell */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const target = (cluster: Cluster): string =>
  `--subscription ${shellWord(cluster.subscriptionId)} -g ${shellWord(cluster.resourceGroup)} -n ${shellWord(cluster.name)}`;

/** @param options as `az aks update` takes them */
export const aksUpdate = (cluster: Cluster, options: string): string => `az aks update ${target(cluster)} ${options}`;

const comment = (text: string): string => `# ${text}`;

/** Switching to Cilium, from whatever the cluster runs. Facts: AKS documentation, "Update Azure CNI". */
export function switchToCilium(cluster: Cluster): string {
  const lines: string[] = [];
  if (cluster.autoProvisioning)
    lines.push(comment('Switch node auto-provisioning off first: the data plane cannot change while it is on.'));
  if (cluster.network?.plugin === 'kubenet') {
    if (cluster.network.policy !== undefined && cluster.network.policy !== 'none')
      lines.push(
        comment(
          'The plugin changes only while no engine is on: until the last step NOTHING is enforced (Kubernetes 1.30 or later).',
        ),
        aksUpdate(cluster, '--network-policy none'),
      );
    lines.push(
      comment('Cannot be undone; Kubernetes 1.27 or later.'),
      aksUpdate(cluster, '--network-plugin azure --network-plugin-mode overlay'),
    );
  }
  lines.push(
    comment(
      'Azure CLI 2.52 or later; no Windows pools. Every node is reimaged, and policy is enforced only when all are.',
    ),
    aksUpdate(cluster, '--network-dataplane cilium'),
  );
  return lines.join('\n');
}

/** Switching an engine on where none is. */
export function enableEngine(cluster: Cluster, engine: 'azure' | 'calico'): string {
  return [
    comment('Kubernetes 1.30 or later; all node pools are reimaged together.'),
    aksUpdate(cluster, `--network-policy ${engine}`),
  ].join('\n');
}

/** Changing between NPM and Calico: there is no direct way. */
export function changeEngine(cluster: Cluster, engine: 'azure' | 'calico'): string {
  return [
    comment(
      'Kubernetes 1.30 or later. Between the two commands NOTHING is enforced, and the nodes are reimaged twice.',
    ),
    aksUpdate(cluster, '--network-policy none'),
    aksUpdate(cluster, `--network-policy ${engine}`),
  ].join('\n');
}
