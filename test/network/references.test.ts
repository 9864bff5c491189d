// What a container's settings and arguments tell of the hosts that it calls, and that nothing else of them is kept.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReference, referencesIn } from '../../shared/network/parse/references.ts';

const env = (name: string, value: unknown) => ({ env: [{ name, value }] });

describe('the hosts of', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string[]]>([
    [
      'a URL',
      env('ORDERS', 'http://orders.shop.svc.cluster.local:8080/v1?x=y'),
      ['http://orders.shop.svc.cluster.local:8080'],
    ],
    ['a URL with a password', env('DB', 'jdbc:postgresql://me:hunter2@db:5432/x'), ['postgresql://db:5432']],
    [
      'an argument',
      { args: ['--upstream=orders:8080'], command: ['run', 'http://cart'] },
      ['any://orders:8080', 'http://cart'],
    ],
    [
      'a list',
      env('BROKERS', 'kafka-0.kafka:9092, kafka-1.kafka:9092'),
      ['any://kafka-0.kafka:9092', 'any://kafka-1.kafka:9092'],
    ],
    ['a bare name in a setting for hosts', env('DB_HOST', 'db'), ['any://db']],
    ['a bare name elsewhere', env('MODE', 'db'), []],
    ['a bare name with the suffix of Services', env('X', 'db.shop.svc'), ['any://db.shop.svc']],
    ['a secret that looks like one', env('DB_PASSWORD', 'hunter:22'), []],
    ['a host of the internet', env('API', 'https://api.example.com/v1'), []],
    ['an address', env('API', 'http://10.0.0.1:80 and 127.0.0.1:8080 and localhost:9'), []],
    ['an image with a tag', { args: ['registry.example.com/a/b:1.2', 'a/b:12'] }, []],
    ['a time and a duration', { args: ['12:30', '--at=10:15:00'] }, []],
    ['a value from elsewhere', { env: [{ name: 'DB_HOST', valueFrom: {} }] }, []],
  ])('%s', (_name, container, expected) => {
    expect(referencesIn(container)).toEqual(expected);
  });
});

test('asking about the answer gives the answer', () => {
  const text = fc.stringMatching(/^[a-z.:/@= ]{0,40}(db|web)[a-z.:/@= 0-9]{0,40}$/);
  fc.assert(
    fc.property(fc.array(text), fc.array(text), (args, values) => {
      const answer = referencesIn({ args, env: values.map((value) => ({ name: 'DB_HOST', value })) });
      expect(referencesIn({ args: answer })).toEqual(answer);
    }),
  );
});

describe('a reference may mean', () => {
  test.each<[string, ReturnType<typeof parseReference>]>([
    ['http://orders', { services: ['own/orders'], port: 80 }],
    ['any://orders.shop:8080', { services: ['shop/orders', 'own/shop'], port: 8080 }],
    ['any://kafka-0.kafka.data.svc.cluster.local', { services: ['data/kafka', 'own/data'] }],
  ])('%s', (text, expected) => {
    expect(parseReference(text, 'own')).toEqual(expected);
  });
});
