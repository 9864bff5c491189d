// Who reaches whom, as the last scan that could look inside saw it.
import { describe, expect, test } from 'vitest';
import { apiFleet, ask, makeServices } from '../support/api.ts';
import { known } from '../support/known-result.ts';

const services = (inside: boolean) => makeServices({ result: async () => known(inside) });

describe('clusters/{id}/reach', () => {
  test('every workload with who reaches it and whom it reaches, and how exposed each namespace is', async () => {
    const { status, body } = await ask('cluster', '', { services: services(true), params: { id: 'shop/reach' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'shop',
      scan: apiFleet.scanId,
      exposure: 0.5,
      namespaceExposure: { web: 1, pay: 0 },
      workloads: [
        {
          workload: 'pay/db[Pod]',
          from: { namespaces: [], internet: false },
          to: { namespaces: ['web'], internet: true },
        },
        {
          workload: 'web/front[Pod]',
          from: { namespaces: ['pay', 'web'], internet: true },
          to: { namespaces: ['web'], internet: true },
        },
      ],
    });
  });

  test('of a cluster nobody looked into is a 404 that says so', async () => {
    const { status, body } = await ask('cluster', '', { services: services(false), params: { id: 'shop/reach' } });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'ReachNotKnown' } });
  });
});
