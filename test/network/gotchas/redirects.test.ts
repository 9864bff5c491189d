// CiliumLocalRedirectPolicy: where connections go instead, read from an object as it is and as the reader cuts it down.
import { describe, expect, test } from 'vitest';
import { slimmer } from '../../../shared/estate/kubernetes/slim.ts';
import { parseObjects } from '../../../shared/network/index.ts';

const raw = (redirectFrontend: unknown, localEndpointSelector: unknown = { matchLabels: { app: 'local' } }) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumLocalRedirectPolicy',
  metadata: { name: 'dns', namespace: 'kube-system' },
  spec: { redirectFrontend, redirectBackend: { localEndpointSelector, toPorts: [{ port: '53', protocol: 'UDP' }] } },
});
const toPorts = [{ port: '53', protocol: 'UDP' }];
const backends = [{ key: 'app', operator: 'In', values: ['local'] }];

describe('a redirect is known', () => {
  test.each([
    ['by an address', { addressMatcher: { ip: '10.0.0.10', toPorts } }, { ip: '10.0.0.10' }],
    [
      'by a Service',
      { serviceMatcher: { serviceName: 'kube-dns', namespace: 'kube-system' } },
      { service: 'kube-dns', namespace: 'kube-system' },
    ],
    [
      'by a Service of its own namespace',
      { serviceMatcher: { serviceName: 'x' } },
      { service: 'x', namespace: 'kube-system' },
    ],
  ])('%s', (_name, frontend, from) => {
    for (const given of [raw(frontend), slimmer('CiliumLocalRedirectPolicy', 'cilium.io/v2')(raw(frontend))])
      expect(parseObjects([given]).objects.redirects).toEqual([
        { namespace: 'kube-system', name: 'dns', from, backends },
      ]);
  });
});

test.each([
  ['spec.redirectFrontend', {}],
  ['spec.redirectFrontend', { addressMatcher: { ip: '10.0.0.10' }, serviceMatcher: { serviceName: 'x' } }],
  ['spec.redirectFrontend.addressMatcher.ip', { addressMatcher: { ip: 'dns' } }],
  ['spec.redirectFrontend.addressMatcher.ip', { addressMatcher: {} }],
  ['spec.redirectFrontend.serviceMatcher.serviceName', { serviceMatcher: {} }],
])('one with something wrong at %s is a problem of its own', (path, frontend) => {
  const { redirects, problems } = parseObjects([raw(frontend)]).objects;
  expect(redirects).toEqual([]);
  expect(problems).toMatchObject([{ ref: { kind: 'CiliumLocalRedirectPolicy', namespace: 'kube-system' }, path }]);
});
