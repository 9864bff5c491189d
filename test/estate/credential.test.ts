// Which identity reads the estate.
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { expect, test } from 'vitest';
import { createCredential } from '../../shared/estate/credential.ts';

test('a named client id is a user-assigned managed identity', () => {
  expect(createCredential('3c0f1d52-0b0e-4c1b-9a57-1d0c6f3b7a03')).toBeInstanceOf(ManagedIdentityCredential);
});

test('without one, the environment offers: a managed identity in Azure, az login on a desk', () => {
  expect(createCredential(undefined)).toBeInstanceOf(DefaultAzureCredential);
});
