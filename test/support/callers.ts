// Callers of the API, each with what the platform or the caller would send for them.
import type { Access } from '../../shared/api/caller.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const OPERATOR_KEY = 'the-operators-key-of-some-length';
export const ROBIN = 'robin@contoso.com';
const ROBINS_ID = '22222222-2222-4222-8222-222222222222';

export type Claim = readonly [typ: string, val: string];

/** @returns `x-ms-client-principal` */
export const principalOf = (claims: readonly Claim[], more: object = {}): string =>
  Buffer.from(
    JSON.stringify({ auth_typ: 'aad', claims: claims.map(([typ, val]) => ({ typ, val })), ...more }),
  ).toString('base64');

/** @returns the header of a person of our tenant */
export const personWith = (...roles: readonly string[]): string =>
  principalOf([
    ['http://schemas.microsoft.com/identity/claims/tenantid', TENANT],
    ['http://schemas.microsoft.com/identity/claims/objectidentifier', ROBINS_ID],
    ['name', 'the operator key'],
    ['preferred_username', ROBIN],
    ...roles.map((role): Claim => ['roles', role]),
  ]);

export const platformAccess: Access = { platformAuth: true, tenantId: TENANT, operatorKey: OPERATOR_KEY };
export const keyAccess: Access = { ...platformAccess, platformAuth: false };
