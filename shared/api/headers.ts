// What every answer says of itself: how long it may be kept, by what it is known again, and that no page may show or run it.
import type { ApiResponse } from './http.ts';
import { etagOf } from './http.ts';

/** For answers that are data and nothing else (OWASP REST Security Cheat Sheet). Browsers heed the last one over HTTPS only. */
const SAFETY = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000',
};

/**
 * Only what was read and found may be kept, by whoever asked and as long as its entity tag holds; everything else is said once.
 * @returns the response with all of its headers
 */
export function withHeaders(response: ApiResponse, method: string): ApiResponse {
  const { status, headers = {}, body } = response;
  const mayKeep = ['GET', 'HEAD'].includes(method) && status === 200 && headers['cache-control'] === undefined;
  const keeping: Readonly<Record<string, string>> = mayKeep
    ? { 'cache-control': 'private, no-cache', etag: headers['etag'] ?? etagOf(JSON.stringify(body)) }
    : { 'cache-control': 'no-store' };
  return { ...response, headers: { ...SAFETY, ...keeping, ...headers } };
}

/** @returns true when the caller has what would be sent; tags are compared weakly, as RFC 9110 (13.1.2) asks */
export function isUnchanged({ status, headers = {} }: ApiResponse, asked: Headers): boolean {
  const known = asked.get('if-none-match');
  const etag = headers['etag'];
  if (known === null || etag === undefined || status !== 200) return false;
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
