// Folders of manifests, and the real program run on them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const dir = mkdtempSync(join(tmpdir(), 'bulkhead-connectivity-'));
afterAll(() => rmSync(dir, { recursive: true }));

let count = 0;
/** @param files contents by path @returns a new folder that holds them */
export function folder(files: Readonly<Record<string, string>>): string {
  const made = join(dir, String(++count));
  for (const [path, text] of Object.entries(files)) {
    const full = join(made, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return made;
}

export const run = (...args: string[]) =>
  spawnSync(process.execPath, ['infra/cli/connectivity.ts', ...args], { cwd: root, encoding: 'utf8' });
/** @returns the lines on standard output of a run that must succeed */
export function linesOf(...args: string[]): readonly string[] {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout.split('\n').filter((line) => line !== '');
}

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
