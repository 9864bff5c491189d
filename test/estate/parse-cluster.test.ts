// ARM bodies of every kind come out as one shape, or as a problem with a place; never as a crash.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../infra/local/estate/retail-production/shop-prod.json', import.meta.url), 'utf8'),
) as { id: string; name: string; properties: Record<string, unknown> };

const { properties, ...head } = sample;
const clusterOf = (raw: unknown) => {
  const listed = parseCluster(raw);
  if ('problem' in listed) throw new Error(listed.problem);
  return listed.cluster;
};

describe('shapes', () => {
  const expected = clusterOf(sample);
  test('what az prints flattened equals what ARM nests', () => {
    expect(clusterOf({ ...head, ...properties })).toEqual(expected);
  });

  test.each<[string, (key: string) => string]>([
    ['upper case', (key) => key.toUpperCase()],
    ['lower case', (key) => key.toLowerCase()],
    ['capitalised', (key) => key.charAt(0).toUpperCase() + key.slice(1)],
  ])('property names in %s change nothing', (_name, change) => {
    const rename = (value: unknown, keep: boolean): unknown => {
      if (Array.isArray(value)) return value.map((item) => rename(item, keep));
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [keep ? k : change(k), rename(v, k === 'tags')]));
    };
    expect(clusterOf(rename(sample, false))).toEqual(expected);
  });

  test('ids in any case are one cluster, and tags keep their case', () => {
    const shouting = clusterOf({ ...sample, id: sample.id.toUpperCase(), tags: { Team: 'Storefront' } });
    expect(shouting.id).toBe(expected.id);
    expect(shouting.tags).toEqual({ Team: 'Storefront' });
  });

  test('null, empty and absent all mean unset', () => {
    for (const networkPolicy of [null, '', undefined]) {
      const network = clusterOf({
        ...head,
        properties: { networkProfile: { networkPlugin: 'azure', networkPolicy } },
      }).network;
      expect(network).not.toHaveProperty('policy');
    }
  });
});

describe('bodies that cannot be understood', () => {
  test.each<[string, unknown, RegExp]>([
    ['a number', 7, /not an object/],
    ['no id', { name: 'x' }, /id/],
    [
      'an id of something else',
      { id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x' },
      /not the id of a managed cluster/,
    ],
    [
      'pools that are no list',
      { id: sample.id, properties: { agentPoolProfiles: { a: 1 } } },
      /properties\.agentpoolprofiles/,
    ],
    [
      'a networkPolicy that is a number',
      { id: sample.id, properties: { networkProfile: { networkPolicy: 7 } } },
      /networkprofile\.networkpolicy/,
    ],
    [
      'a count below zero',
      { id: sample.id, properties: { agentPoolProfiles: [{ count: -1 }] } },
      /agentpoolprofiles\.0\.count/,
    ],
    ['properties that are a list', { id: sample.id, properties: [] }, /properties/],
  ])('%s is a problem that says where', (_name, raw, text) => {
    const listed = parseCluster(raw);
    expect('problem' in listed && listed.problem).toMatch(text);
  });

  test('nothing whatever makes it throw', () => {
    fc.assert(fc.property(fc.anything(), (raw) => void parseCluster(raw)));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const listed = parseCluster({
          id: sample.id,
          properties: { networkProfile: value, agentPoolProfiles: value, aadProfile: value },
        });
        expect(listed.name).toBeTruthy();
      }),
    );
  });
});
