// Kubeconfigs as AKS gives them, and the ones that nobody should give.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { parseKubeconfig } from '../../../shared/estate/kubernetes/kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const config = (user: string, server = 'https://shop-dns.hcp.westeurope.azmk8s.io:443'): string => `apiVersion: v1
kind: Config
current-context: shop
clusters:
- cluster:
    certificate-authority-data: ${base64('THE CA')}
    server: ${server}
  name: shop
contexts:
- context: { cluster: shop, user: someone }
  name: shop
users:
- name: someone
  user:
${user}
`;

describe('a kubeconfig', () => {
  test('with Entra has a server and a CA, and no account', () => {
    const exec = '    exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: kubelogin, env: null }';
    expect(parseKubeconfig(config(exec))).toEqual({
      server: 'https://shop-dns.hcp.westeurope.azmk8s.io',
      ca: 'THE CA',
    });
  });

  test('without Entra has a local account', () => {
    const user = `    client-certificate-data: ${base64('CERT')}\n    client-key-data: ${base64('KEY')}\n    token: abc`;
    expect(parseKubeconfig(config(user)).local).toEqual({ kind: 'certificate', cert: 'CERT', key: 'KEY' });
    expect(parseKubeconfig(config('    token: abc')).local).toEqual({ kind: 'token', token: 'abc' });
  });

  test.each<[string, string, RegExp]>([
    ['plain http', config('    token: a', 'http://10.0.0.1'), /https/],
    ['no address', config('    token: a', 'nowhere'), /https/],
    ['another context', config('    token: a').replace('current-context: shop', 'current-context: x'), /context/],
    ['no YAML', 'a: [', /YAML/],
    ['nothing', '', /everything/],
    ['no clusters', 'contexts: []', /clusters/],
    [
      'a CA that is no base64',
      config('    token: a').replace(base64('THE CA'), 'no-base64!'),
      /certificate-authority-data/,
    ],
    ['too much', ' '.repeat(1_000_001), /too long/],
  ])('with %s is refused in words', (_name, text, words) => {
    expect(() => parseKubeconfig(text)).toThrow(words);
  });

  test('that is wrong never shows what it holds', () => {
    const warnings = vi.spyOn(process, 'emitWarning');
    fc.assert(
      fc.property(fc.string(), fc.nat(600), (noise, at) => {
        const text = config('    token: s3cr3t-token');
        expect(messageOf(text.slice(0, at) + noise + text.slice(at))).not.toContain('s3cr3t');
      }),
    );
    expect(warnings).not.toHaveBeenCalled();
  });

  /** @returns what it is refused with; empty when it is not */
  function messageOf(text: string): string {
    try {
      parseKubeconfig(text);
      return '';
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return error.message;
    }
  }
});
