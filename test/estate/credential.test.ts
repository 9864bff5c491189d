// Which identity reads the estate, and what its token is asked for in each cloud.
import { AzureAuthorityHosts, DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { createDefaultHttpClient, createHttpHeaders } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { createAzureEstate } from '../../shared/estate/azure-estate.ts';
import { createCredential } from '../../shared/estate/credential.ts';
import { defaultLimits } from '../../shared/estate/retry.ts';
import { cloudNames, clouds } from '../../shared/model/cloud.ts';

const SIGN_IN = clouds.AzureCloud.authorityHost;

test('a named client id is a user-assigned managed identity', () => {
  expect(createCredential('3c0f1d52-0b0e-4c1b-9a57-1d0c6f3b7a03', SIGN_IN)).toBeInstanceOf(ManagedIdentityCredential);
});

test('without one, the environment offers: a managed identity in Azure, az login on a desk', () => {
  expect(createCredential(undefined, SIGN_IN)).toBeInstanceOf(DefaultAzureCredential);
});

test('each cloud signs in where the identity library says', () => {
  expect(cloudNames.map((name) => clouds[name].authorityHost)).toEqual([
    AzureAuthorityHosts.AzurePublicCloud,
    AzureAuthorityHosts.AzureGovernment,
    AzureAuthorityHosts.AzureChina,
  ]);
});

test.each(cloudNames)('%s: every call goes to its own Resource Manager, with a token for that', async (name) => {
  const { armEndpoint } = clouds[name];
  const scopes = new Set<string>();
  const hosts = new Set<string>();
  const never = new AbortController().signal;
  const estate = createAzureEstate({
    endpoint: armEndpoint,
    credential: {
      getToken: async (asked) => {
        for (const scope of [asked].flat()) scopes.add(scope);
        return { token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    },
    httpClient: {
      ...createDefaultHttpClient(),
      sendRequest: async (request) => {
        hosts.add(new URL(request.url).origin);
        return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{"value":[]}' };
      },
    },
    allow: [],
    deny: [],
    managementGroups: ['group'],
    managedNamespaces: true,
    limits: { ...defaultLimits, maxRetries: 0 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await estate.subscriptions(never);
  for await (const page of estate.clusters('6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01', never)) expect(page).toEqual([]);
  expect([...hosts]).toEqual([armEndpoint]);
  expect([...scopes]).toEqual([`${armEndpoint}/.default`]);
});
