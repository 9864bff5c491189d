// Kubeconfigs as kind, minikube and clouds write them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKubeconfig } from '../../shared/estate/kubernetes/kubeconfig.ts';
import { readAccount, writeKubeconfig } from './account.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kubeconfig-'));
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), `${name} of a file`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function kubeconfig(user: object, cluster: object = {}): string {
  const path = join(folder, 'config');
  const config = {
    'current-context': 'b',
    contexts: [
      { name: 'a', context: { cluster: 'other', user: 'u' } },
      { name: 'b', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [
      { name: 'other', cluster: { server: 'https://other:6443' } },
      { name: 'c', cluster: { server: 'https://c:6443', ...cluster } },
    ],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('an account', () => {
  test.each<[string, object, object, object]>([
    ['of a token', { token: 't' }, {}, { token: 't' }],
    [
      'of a certificate in the text',
      { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
      { 'certificate-authority-data': base64('ca') },
      { cert: 'cert', key: 'key', ca: 'ca' },
    ],
    [
      'of a certificate in files beside it',
      { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' },
      { 'certificate-authority': 'ca.pem' },
      { cert: 'cert of a file', key: 'key of a file', ca: 'ca of a file' },
    ],
  ])('%s is read', (_name, user, cluster, expected) => {
    expect(readAccount(kubeconfig(user, cluster), undefined)).toMatchObject({ server: 'https://c:6443', ...expected });
  });

  test('is of the context that is asked for', () => {
    expect(readAccount(kubeconfig({ token: 't' }), 'a').server).toBe('https://other:6443');
    expect(() => readAccount(kubeconfig({ token: 't' }), 'z')).toThrow(/no context z/);
  });

  test('that needs a program to sign in is refused with the way out', () => {
    expect(() => readAccount(kubeconfig({ exec: { command: 'kubelogin' } }), undefined)).toThrow(/token/);
  });

  test('goes into a kubeconfig as AKS gives it', () => {
    const account = readAccount(kubeconfig({ token: 't' }, { 'certificate-authority': 'ca.pem' }), undefined);
    expect(parseKubeconfig(writeKubeconfig(account))).toEqual({
      server: 'https://c:6443',
      ca: 'ca of a file',
      local: { kind: 'token', token: 't' },
    });
  });
});
