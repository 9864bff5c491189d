// The kubeconfig that AKS gives for a cluster: address, authority, and a way in.
import { stringify } from 'yaml';
import { AKS_SERVER_APPLICATION } from '../azure/credential.ts';
import type { Fields } from './object.ts';

/**
 * @param ca PEM
 * @param localToken of the cluster's own administrator, which clusters without Entra hand out; undefined with Entra
 */
export function kubeconfigFor(name: string, server: string, ca: string, localToken: string | undefined): string {
  const group = `clusterUser_${name}`;
  const user: Fields = localToken
    ? { token: localToken }
    : {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'kubelogin',
          args: ['get-token', '--server-id', AKS_SERVER_APPLICATION],
          interactiveMode: 'IfAvailable',
        },
      };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    contexts: [{ name, context: { cluster: name, user: group } }],
    users: [{ name: group, user }],
  });
}
