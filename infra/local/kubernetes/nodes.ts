// The nodes of a simulated cluster, from the pools of its ARM body.
import type { Fields, KubeObject } from './object.ts';
import { fieldsOf, isFields } from './object.ts';
import { suffixOf } from './addresses.ts';

export interface Node {
  readonly name: string;
  readonly ip: string;
  readonly pool: string;
  readonly os: 'linux' | 'windows';
  readonly system: boolean;
}

/** No more nodes than AKS allows are made up. */
const MAX_NODES = 5_000;

/** @returns the nodes in the order of the pools; empty for a cluster without counts */
export function nodesOf(body: Fields): readonly Node[] {
  const { agentPoolProfiles } = fieldsOf(body, 'properties');
  const pools = Array.isArray(agentPoolProfiles) ? agentPoolProfiles.filter(isFields) : [];
  const nodes: Node[] = [];
  for (const pool of pools) {
    const name = String(pool['name']);
    const count = typeof pool['count'] === 'number' ? pool['count'] : 0;
    const os = String(pool['osType']).toLowerCase() === 'windows' ? 'windows' : 'linux';
    const scaleSet = suffixOf(`${String(body['id'])}/${name}`, 8);
    for (let i = 0; i < count && nodes.length < MAX_NODES; i++) {
      const instance = i.toString(36).padStart(6, '0');
      nodes.push({
        name: os === 'windows' ? `aks${name}${instance}` : `aks-${name}-${scaleSet}-vmss${instance}`,
        ip: `10.224.${Math.floor((nodes.length + 4) / 250)}.${((nodes.length + 4) % 250) + 1}`,
        pool: name,
        os,
        system: String(pool['mode']).toLowerCase() === 'system',
      });
    }
  }
  return nodes;
}

/** @returns nodes as the API server lists them */
export const nodeObjects = (nodes: readonly Node[]): readonly KubeObject[] =>
  nodes.map(({ name, ip, pool, os, system }) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        agentpool: pool,
        'kubernetes.azure.com/agentpool': pool,
        'kubernetes.azure.com/mode': system ? 'system' : 'user',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': os,
      },
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: ip },
        { type: 'Hostname', address: name },
      ],
    },
  }));
