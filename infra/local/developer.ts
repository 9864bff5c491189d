// The person at this machine, as platform authentication tells the app of them: the local host hands this on in the place of a sign-in.

/** Of no tenant that exists. */
export const LOCAL_TENANT = '00000000-0000-4000-8000-0000000000aa';

/** @returns `x-ms-client-principal` of somebody who may read and operate */
export function developerPrincipal(): string {
  const claims = {
    'http://schemas.microsoft.com/identity/claims/tenantid': LOCAL_TENANT,
    preferred_username: 'developer@localhost',
    roles: 'Compliance.Operate',
  };
  const principal = { auth_typ: 'aad', claims: Object.entries(claims).map(([typ, val]) => ({ typ, val })) };
  return Buffer.from(JSON.stringify(principal)).toString('base64');
}
