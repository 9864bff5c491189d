// Who asks, and what they may. It is known from what the platform vouches for or from the operator's key, never from what callers say of themselves.
import { timingSafeEqual } from 'node:crypto';
import { ApiError } from './errors.ts';
import type { Principal } from './principal.ts';
import { readPrincipal } from './principal.ts';

/** What stands before this door, and what it goes by. */
export interface Access {
  /**
   * The platform authenticates callers: it takes `x-ms-client-principal` away from what comes from outside, and sets it itself. Otherwise the host
   * asks for one of its keys, and the header is what anybody wrote.
   */
  readonly platformAuth: boolean;
  /** People and applications of no other Entra tenant are heard. */
  readonly tenantId: string | undefined;
  /** The key that may also change state; without it no key may. */
  readonly operatorKey: string | undefined;
}

export type Right = 'read' | 'operate';

export interface Caller {
  /** What is remembered of who did something. */
  readonly by: string;
  readonly may: readonly Right[];
}

/** The app roles of the Entra application; whoever may operate may read. */
const ROLES: Readonly<Record<string, readonly Right[]>> = {
  'Compliance.Read': ['read'],
  'Compliance.Operate': ['read', 'operate'],
};

const OPERATOR: Caller = { by: 'the operator key', may: ['read', 'operate'] };
/** Whom the host let in with one of its keys: nobody can tell them apart. */
const KEY_HOLDER: Caller = { by: 'a function key', may: ['read'] };

/**
 * @param headers of the request
 * @returns who it is; undefined when nobody vouches for anybody
 */
export function identify(headers: Headers, access: Access): Caller | undefined {
  if (isOperatorKey(headers.get('x-functions-key'), access.operatorKey)) return OPERATOR;
  if (!access.platformAuth) return KEY_HOLDER;
  const principal = readPrincipal(headers.get('x-ms-client-principal'), access.tenantId);
  return principal && { by: principal.name, may: rightsOf(principal) };
}

/** Read from the header alone: addresses, where a key may stand as `code`, end up in logs. */
function isOperatorKey(given: string | null, key: string | undefined): boolean {
  if (given === null || key === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const rightsOf = ({ roles }: Principal): readonly Right[] => [
  ...new Set(roles.flatMap((role) => (Object.hasOwn(ROLES, role) ? ROLES[role]! : []))),
];

/**
 * @param right what is asked for
 * @returns the caller, if it is known
 * @throws ApiError 401 when nobody is known to ask, 403 when they may not, or when it is the page of another site that makes a browser ask
 */
export function admit(right: Right | 'anyone', headers: Headers, access: Access): Caller | undefined {
  const caller = identify(headers, access);
  if (right === 'anyone') return caller;
  if (!caller)
    throw new ApiError(
      401,
      'AuthenticationRequired',
      access.tenantId === undefined
        ? 'Nobody can be known as long as BULKHEAD_API_TENANT_ID is not set.'
        : 'Sign in, or send a token for this API: it is not known who asks.',
    );
  if (!caller.may.includes(right)) throw new ApiError(403, 'NotAllowed', whyNot(caller, right));
  if (right === 'operate' && ['cross-site', 'same-site'].includes(headers.get('sec-fetch-site') ?? ''))
    throw new ApiError(403, 'CrossSiteRequest', 'A page of another site asks for this: it is not done.');
  return caller;
}

const whyNot = (caller: Caller, right: Right): string =>
  caller === KEY_HOLDER
    ? 'A function key may only read. Ask with the operator’s key in x-functions-key, or as a person or an application with the role Compliance.Operate.'
    : `${caller.by} may not do this: it takes the role ${right === 'read' ? 'Compliance.Read or Compliance.Operate' : 'Compliance.Operate'}.`;
