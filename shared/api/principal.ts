// The person or application that the platform has authenticated, as it hands them on: base64 of JSON with the claims of their token
// (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities).
import { z } from 'zod';

export interface Principal {
  /** The user name of a person, `application GUID`, or `person GUID` for one whose token holds no user name. */
  readonly name: string;
  readonly roles: readonly string[];
}

/** A header of 16 KB is the most that the platform lets through. */
const MAX_CHARS = 16 * 1024;
const BASE64 = /^[a-z0-9+/]+={0,2}$/i;
const MAX_NAME_CHARS = 200;

const schema = z.object({
  auth_typ: z.literal('aad'),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** The platform renames some claims and leaves others as they stand in the token: both names of each. */
const CLAIMS = {
  tenant: ['tid', 'http://schemas.microsoft.com/identity/claims/tenantid'],
  object: ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'],
  role: ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'],
  user: ['upn', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn', 'preferred_username'],
  /** What a person delegated to an application: a token without it is of the application itself. */
  scope: ['scp', 'http://schemas.microsoft.com/identity/claims/scope'],
  application: ['azp', 'appid'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Nothing that could pass for other words of ours: no white space, and an @. */
const USER_NAME = /^[^\s\p{C}@]+@[^\s\p{C}@]+$/u;

/**
 * @param header `x-ms-client-principal`, which the caller of this must know to come from the platform
 * @param tenantId the only tenant whose people and applications are heard
 * @returns undefined for whoever is not of this tenant, and for what cannot be understood
 */
export function readPrincipal(header: string | null, tenantId: string | undefined): Principal | undefined {
  if (header === null || header.length > MAX_CHARS || !BASE64.test(header)) return undefined;
  const parsed = schema.safeParse(parseJson(Buffer.from(header, 'base64').toString()));
  if (!parsed.success) return undefined;
  const all = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => parsed.data.claims.filter(({ typ }) => typ === name).map(({ val }) => val));
  const tenants = all(CLAIMS.tenant);
  const name = nameOf(all);
  const isOurs = tenants.length > 0 && tenants.every((tenant) => tenant.toLowerCase() === tenantId?.toLowerCase());
  return isOurs && name !== undefined ? { name, roles: all(CLAIMS.role) } : undefined;
}

function nameOf(all: (names: readonly string[]) => readonly string[]): string | undefined {
  const user = all(CLAIMS.user).find((name) => USER_NAME.test(name) && name.length <= MAX_NAME_CHARS);
  if (user !== undefined) return user;
  const [application] = all(CLAIMS.application);
  const [object] = all(CLAIMS.object);
  const isApplication = all(CLAIMS.scope).length === 0 && application !== undefined;
  const id = isApplication ? application : object;
  return id !== undefined && GUID.test(id)
    ? `${isApplication ? 'application' : 'person'} ${id.toLowerCase()}`
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
