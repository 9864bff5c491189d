// What the tests of connectivity are about: a few pods and policies, and the command run on them.
import { expect } from 'vitest';
import { connectivity } from '../../infra/cli/connectivity-command.ts';
import type { Ran } from './in-process.ts';
import { runHere } from './in-process.ts';

export { dir, folder, spawned } from './in-process.ts';

export const run = (...args: string[]): Ran => runHere(connectivity, args);
/** @returns the lines on standard output of a run that must succeed */
export function linesOf(...args: string[]): readonly string[] {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout.split('\n').filter((line) => line !== '');
}
/** @returns the lines on standard error after the one that names the engine */
export const told = (...args: string[]): readonly string[] =>
  run(...args)
    .stderr.trimEnd()
    .split('\n')
    .slice(1);

export const pod = (namespace: string, name: string, more = '') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} }${more} }
spec: { containers: [{ name: main, image: main }] }
`;
export const policy = (name: string, spec: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
`;
export const documents = (...parts: string[]) => parts.join('---');
export const web = pod('shop', 'web');
export const db = pod('shop', 'db');
export const WORLD = '0.0.0.0-255.255.255.255[External]';
export const dbFromWeb = policy(
  'db',
  '{ podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }] }',
);

export const names = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: names, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: web } }
  egress:
    - toFQDNs: [{ matchName: example.com }]
    - toEndpoints: [{ matchLabels: { app: db } }]
      toPorts: [{ ports: [{ port: "80", protocol: TCP }], rules: { http: [{ method: GET }] } }]
`;

/** What `web`, `db` and `dbFromWeb` allow. */
export const expected = [
  `${WORLD} => shop/web[Pod] : All Connections`,
  `shop/db[Pod] => ${WORLD} : All Connections`,
  'shop/db[Pod] => shop/web[Pod] : All Connections',
  `shop/web[Pod] => ${WORLD} : All Connections`,
  'shop/web[Pod] => shop/db[Pod] : TCP 5432',
];
