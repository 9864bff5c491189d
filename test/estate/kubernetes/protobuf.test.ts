// A list in protocol buffers is the list that the same server gives in JSON, wherever the network cuts it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeObject } from '../../../infra/local/kubernetes/protobuf.ts';
import { CutOffError } from '../../../shared/estate/kubernetes/items.ts';
import { nodeMessage, podMessage } from '../../../shared/estate/kubernetes/protobuf/objects.ts';
import { splitProtobuf, statusSentence } from '../../../shared/estate/kubernetes/protobuf/list.ts';
import { slimmer } from '../../../shared/estate/kubernetes/slim.ts';
import { recorded } from './recorded.ts';

interface Split {
  readonly items: readonly unknown[];
  readonly list: unknown;
  readonly heads: readonly unknown[];
}

/** @param cuts where the body is cut into pieces */
function split(bytes: Buffer, cuts: readonly number[] = [], fields = podMessage): Split {
  const items: unknown[] = [];
  const heads: unknown[] = [];
  const splitter = splitProtobuf(
    fields,
    (item) => void items.push(item),
    (head) => void heads.push(head),
  );
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [i, place] of places.slice(1).entries()) splitter.push(bytes.subarray(places[i], place));
  return { items, list: splitter.end(), heads };
}

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly items: readonly unknown[];
}

const real = Buffer.from(recorded('pods-protobuf').base64!, 'base64');
const inJson = recorded('pods-json').body as List;
const slim = slimmer('Pod', 'v1');
/** Names of the day of the recording become those of every recording. */
const settled = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/bulkhead-test-[0-9a-f]{6}/g, 'recorded'));

function failureOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('what a real API server wrote', () => {
  test.each([
    ['Pod', 'pods', podMessage],
    ['Node', 'nodes', nodeMessage],
  ])('reads as what it wrote in JSON: %s', (kind, name, fields) => {
    const json = recorded(`${name}-json`).body as List;
    const { items, list, heads } = split(Buffer.from(recorded(`${name}-protobuf`).base64!, 'base64'), [], fields);
    const slimmed = slimmer(kind, 'v1');
    expect(items).toHaveLength(1);
    expect(settled(items.map(slimmed))).toEqual(settled(json.items.map(slimmed)));
    const { remainingItemCount: _count, ...metadata } = json.metadata;
    const expected = { kind: `${kind}List`, apiVersion: 'v1', metadata, items: [] };
    expect(list).toEqual(expected);
    expect(heads).toEqual([expected]);
  });

  test('has everything in it that is read of a pod', () => {
    const [pod] = inJson.items as { metadata: object; spec: object; status: object }[];
    expect(Object.keys(pod!.metadata)).toEqual(expect.arrayContaining(['labels', 'ownerReferences']));
    expect(pod).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) as string, deletionGracePeriodSeconds: 0 },
      spec: {
        hostNetwork: true,
        automountServiceAccountToken: false,
        os: { name: 'linux' },
        initContainers: expect.any(Array) as unknown[],
      },
      status: { podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::3' }] },
    });
  });

  test('reads the same when it is cut at any place, or into single bytes', () => {
    const whole = split(real);
    for (const at of real.keys()) expect(split(real, [at])).toEqual(whole);
    expect(split(real, [...real.keys()])).toEqual(whole);
  });

  test('is cut off wherever the list ends too early', () => {
    // The last four bytes say how it was encoded, and come after the list.
    for (let length = 0; length < real.length - 4; length++)
      expect(() => split(real.subarray(0, length)), `after ${length} bytes`).toThrow(CutOffError);
    expect(split(real.subarray(0, real.length - 4))).toEqual(split(real));
  });

  test('is refused in a sentence', () => {
    expect(statusSentence(Buffer.from(recorded('forbidden-protobuf').base64!, 'base64'))).toMatch(
      /^pods is forbidden: User "system:serviceaccount:.*" cannot list resource "pods"/,
    );
    expect(statusSentence(Buffer.from('{"kind":"Status","message":"no"}'))).toBeUndefined();
    expect(statusSentence(real.subarray(0, 40))).toBeUndefined();
  });
});

describe('reading any list', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 200 });
  // An API server takes no empty names.
  const filled = (value: fc.Arbitrary<string>): fc.Arbitrary<string> => value.filter((text) => text !== '');
  const labels = fc.dictionary(fc.oneof(name, fc.constant('__proto__')), name, { minKeys: 1, noNullPrototype: true });
  const port = fc.record(
    { name: filled(name), containerPort: fc.integer({ min: 1, max: 65_535 }), hostPort: fc.integer({ min: 1, max: 65_535 }), protocol: fc.constantFrom('TCP', 'UDP', 'SCTP') }, // prettier-ignore
    { requiredKeys: ['containerPort', 'protocol'] },
  );
  const container = fc.record(
    {
      command: fc.array(name, { minLength: 1 }),
      args: fc.array(name, { minLength: 1 }),
      env: fc.array(fc.record({ name: filled(name), value: filled(name) }, { requiredKeys: ['name'] }), { minLength: 1 }), // prettier-ignore
      ports: fc.array(port, { minLength: 1 }),
      restartPolicy: fc.constant('Always'),
    },
    { requiredKeys: [] },
  );
  const owner = fc.record(
    { kind: filled(name), name: filled(name), controller: fc.boolean() },
    { requiredKeys: ['kind', 'name'] },
  );
  const pod = fc.record({
    metadata: fc.record(
      {
        name: filled(name),
        namespace: filled(name),
        labels,
        annotations: labels,
        ownerReferences: fc.array(owner, { minLength: 1 }),
        deletionTimestamp: fc
          .integer({ min: 0, max: 4_000_000_000 })
          .map((seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')),
        deletionGracePeriodSeconds: fc.integer({ min: 0, max: 3_600 }),
      },
      { requiredKeys: ['name', 'namespace'] },
    ),
    spec: fc.record(
      {
        containers: fc.array(container, { minLength: 1, maxLength: 3 }),
        initContainers: fc.array(container, { minLength: 1, maxLength: 3 }),
        hostNetwork: fc.constant(true),
        nodeName: filled(name),
        nodeSelector: labels,
        serviceAccountName: filled(name),
        automountServiceAccountToken: fc.boolean(),
        os: fc.record({ name: fc.constantFrom('linux', 'windows') }),
      },
      { requiredKeys: ['containers'] },
    ),
    status: fc.record(
      { phase: fc.constantFrom('Pending', 'Running', 'Failed'), podIP: fc.ipV4(), podIPs: fc.array(fc.record({ ip: fc.ipV6() }), { minLength: 1 }) }, // prettier-ignore
      { requiredKeys: [] },
    ),
  });

  test('gives the pods that were written, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(pod, { maxLength: 4 }), fc.array(fc.nat(20_000), { maxLength: 5 }), (pods, cuts) => {
        const metadata = { resourceVersion: '7' };
        const bytes = encodeObject({ kind: 'PodList', apiVersion: 'v1', metadata, items: pods })!;
        const found = split(bytes, cuts);
        expect(settled(found.items.map(slim))).toEqual(settled(pods.map(slim)));
        expect(found.list).toEqual({ kind: 'PodList', apiVersion: 'v1', metadata, items: [] });
      }),
    );
  });

  test('ends with the list or a clear error, whatever became of the bytes on their way', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(20_000), { maxLength: 3 }),
        (changes, cuts) => {
          const bytes = Buffer.from(real);
          for (const [at, value] of changes) bytes[at] = value;
          // A list that is cut off is a SyntaxError as well.
          expect(failureOf(() => split(bytes, cuts)) ?? new SyntaxError()).toBeInstanceOf(SyntaxError);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['text', Buffer.from('<html>not found</html>'), /not a Kubernetes object/],
    ['JSON', Buffer.from('{"kind":"PodList","items":[]}'), /not a Kubernetes object/],
    // An item of 100 bytes in a list of 4.
    ['an item longer than its list', Buffer.from('k8s\0\x12\x04\x12\x64\0\0', 'latin1'), /longer than its list/],
    // A name of 100 bytes in an item of 6.
    ['a field longer than its item', Buffer.from('k8s\0\x12\x08\x12\x06\x0a\x04\x0a\x64aa', 'latin1'), /EOF|longer/],
    ['a name that is a number', Buffer.from('k8s\0\x12\x06\x12\x04\x0a\x02\x08\x01', 'latin1'), /wire type/],
    ['a list inside groups', Buffer.from('k8s\0\x12\x04\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13', 'latin1'), /EOF|group|wire/], // prettier-ignore
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => split(bytes)).toThrow(message);
  });
});
