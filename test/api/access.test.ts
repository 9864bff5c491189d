// Who may ask what: every route, asked by everybody, behind platform authentication and behind the keys of the host.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { identify } from '../../shared/api/caller.ts';
import { routes } from '../../shared/api/index.ts';
import type { Log } from '../../shared/ports.ts';
import type { Asked } from '../support/api.ts';
import { ask, makeServices } from '../support/api.ts';
import type { Claim } from '../support/callers.ts';
import { OPERATOR_KEY, ROBIN, TENANT, keyAccess, personWith, platformAccess, principalOf } from '../support/callers.ts';
import { runs } from '../support/runs.ts';

const HEADER = 'x-ms-client-principal';
const other = '33333333-3333-4333-8333-333333333333';
const operator = personWith('Compliance.Operate');

/** By what a route asks for, what each caller gets: in, or the status that keeps them out. */
const callers: readonly [string, NonNullable<Asked['access']>, Record<string, string>, 'in' | number, 'in' | number][] =
  [
    ['nobody', platformAccess, { [HEADER]: '' }, 401, 401],
    ['a person without a role', platformAccess, { [HEADER]: personWith() }, 403, 403],
    ['a person with a role of another app', platformAccess, { [HEADER]: personWith('Compliance.Own') }, 403, 403],
    ['a person with a role named constructor', platformAccess, { [HEADER]: personWith('constructor') }, 403, 403],
    ['Compliance.Read', platformAccess, { [HEADER]: personWith('Compliance.Read') }, 'in', 403],
    ['Compliance.Operate', platformAccess, { [HEADER]: operator }, 'in', 'in'],
    ['the operator key', platformAccess, { [HEADER]: '', 'x-functions-key': OPERATOR_KEY }, 'in', 'in'],
    ['a key that is not the operator key', platformAccess, { [HEADER]: '', 'x-functions-key': 'x' }, 401, 401],
    ['a page of another site', platformAccess, { [HEADER]: operator, 'sec-fetch-site': 'cross-site' }, 'in', 403],
    ['behind keys: a function key', keyAccess, { [HEADER]: '' }, 'in', 403],
    ['behind keys: a forged principal', keyAccess, { [HEADER]: operator }, 'in', 403],
    ['behind keys: the operator key', keyAccess, { [HEADER]: '', 'x-functions-key': OPERATOR_KEY }, 'in', 'in'],
    [
      'behind keys: none is the operator’s',
      { ...keyAccess, operatorKey: undefined },
      { 'x-functions-key': '' },
      'in',
      403,
    ],
  ];

describe.each(callers)('%s', (_who, access, headers, reading, operating) => {
  test.each(routes.map(({ name, access: right }) => [name, right] as const))('%s (%s)', async (name, right) => {
    const expected = { anyone: 'in', read: reading, operate: operating }[right];
    const { status } = await ask(name, '', { access, headers, params: { id: 'a1' } });
    expect([401, 403].includes(status) ? status : 'in').toBe(expected);
  });
});

test('what changes anything asks for the right to operate, and what does not never does', () => {
  for (const { name, method, access } of routes) expect([name, access === 'operate']).toEqual([name, method !== 'GET']);
  expect(routes.filter(({ access }) => access === 'anyone').map(({ name }) => name)).toEqual(['health']);
});

test('whoever is kept out is so before the body is read, and nothing is done', async () => {
  const services = makeServices({
    openScan: async () => {
      throw new Error('It was opened');
    },
  });
  const access = keyAccess;
  for (const name of ['scan-start', 'silence-create'])
    expect(await ask(name, '', { services, access, body: 'x'.repeat(20_000) })).toMatchObject({ status: 403 });
});

test('what somebody tried who may not stands in the log; strangers cannot fill it', async () => {
  const warn = vi.fn<Log['warn']>();
  const log = { info: () => undefined, error: () => undefined, warn };
  const headers = { [HEADER]: personWith('Compliance.Read') };
  await ask('scan-start', '', { headers, log });
  expect(warn.mock.calls).toEqual([
    ['request refused', { path: 'scans', method: 'POST', why: expect.stringContaining(ROBIN) as string }],
  ]);
  await ask('scan-start', '', { headers: { [HEADER]: '' }, log });
  expect(warn).toHaveBeenCalledTimes(1);
});

test('the refusal of somebody unknown says how to be known, and of what is missing in the settings', async () => {
  const headers = { [HEADER]: '' };
  const { status, headers: sent, body } = await ask('status', '', { headers });
  expect({ status, sent, body }).toMatchObject({ status: 401, sent: { 'www-authenticate': 'Bearer' } });
  const access = { ...platformAccess, tenantId: undefined };
  expect(JSON.stringify((await ask('status', '', { access })).body)).toContain('BULKHEAD_API_TENANT_ID');
});

describe('the name under which something is done', () => {
  const nameOf = (...claims: readonly Claim[]): string | undefined =>
    identify(new Headers({ [HEADER]: principalOf([['tid', TENANT], ...claims]) }), platformAccess)?.by;

  test.each<[string, readonly Claim[], string | undefined]>([
    [
      'is the user name of a person',
      [
        ['oid', other],
        ['preferred_username', ROBIN],
      ],
      ROBIN,
    ],
    [
      'is what an administrator set before what the person prefers',
      [
        ['preferred_username', 'a@b'],
        ['upn', ROBIN],
      ],
      ROBIN,
    ],
    [
      'is never a display name',
      [
        ['name', 'the operator key'],
        ['oid', other],
        ['scp', 'x'],
      ],
      `person ${other}`,
    ],
    [
      'is never words',
      [
        ['preferred_username', 'the operator key'],
        ['oid', other],
        ['azp', other],
        ['scp', 'x'],
      ],
      `person ${other}`,
    ],
    [
      'has no line breaks',
      [
        ['preferred_username', 'a@b\nc'],
        ['oid', other],
      ],
      `person ${other}`,
    ],
    [
      'has a length',
      [
        ['upn', `${'x'.repeat(300)}@b`],
        ['oid', other],
      ],
      `person ${other}`,
    ],
    [
      'is the id of an application',
      [
        ['azp', other.toUpperCase()],
        ['oid', TENANT],
      ],
      `application ${other}`,
    ],
    [
      'is that of the person who uses an application',
      [
        ['appid', other],
        ['scp', 'x'],
        ['oid', TENANT],
      ],
      `person ${TENANT}`,
    ],
    ['must be there', [['roles', 'Compliance.Operate']], undefined],
    ['must be an id', [['oid', 'the operator key']], undefined],
  ])('%s', (_what, claims, expected) => expect(nameOf(...claims)).toBe(expected));

  test('of the operator key says what it is', () => {
    expect(identify(new Headers({ 'x-functions-key': OPERATOR_KEY }), keyAccess)?.by).toBe('the operator key');
  });
});

describe('a principal is nobody', () => {
  const robin: readonly Claim[] = [
    ['oid', other],
    ['upn', ROBIN],
    ['roles', 'Compliance.Operate'],
  ];
  const valid: Claim = ['tid', TENANT];
  test.each<[string, string]>([
    ['from another tenant', principalOf([['tid', other], ...robin])],
    ['from two tenants', principalOf([valid, ['tid', other], ...robin])],
    ['without a tenant', principalOf(robin)],
    ['of another provider', principalOf([valid, ...robin], { auth_typ: 'github' })],
    ['without claims', principalOf([])],
    ['that is not base64', '{"auth_typ":"aad"}'],
    ['that is not JSON', Buffer.from('{').toString('base64')],
    ['that is null', Buffer.from('null').toString('base64')],
    ['with claims of another shape', Buffer.from('{"auth_typ":"aad","claims":{"tid":1}}').toString('base64')],
    ['sent twice', `${principalOf([valid, ...robin])}, ${principalOf([valid, ...robin])}`],
    ['that is larger than headers are', principalOf([valid, ...robin, ['x', 'x'.repeat(20_000)]])],
  ])('%s', async (_what, header) => {
    expect(await ask('status', '', { headers: { [HEADER]: header } })).toMatchObject({ status: 401 });
  });

  test('whatever the header holds', () => {
    const text = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.json(), fc.base64String());
    const header = fc.oneof(
      text,
      text.map((t) => Buffer.from(t).toString('base64')),
    );
    fc.assert(
      fc.property(header, (given) => {
        const headers = { get: (name: string) => (name === HEADER ? given : null) } as Headers;
        expect(identify(headers, platformAccess)).toBeUndefined();
      }),
      { numRuns: runs(1_000) },
    );
  });
});
