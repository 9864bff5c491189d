// API servers that mean harm, or are broken: each answers one list as no real one does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { answerBody } from '../../../../infra/local/kubernetes/protobuf.ts';

/** Answers a list. @param asked how often before it was asked, whatever the page */
type Answer = (response: ServerResponse, url: URL, asked: number, request: IncomingMessage) => void;

export interface Hostile {
  readonly name: string;
  /** The list that is answered so; the others are honest. */
  readonly path: string;
  readonly answer: Answer;
  /** `read` where it can be judged all the same. */
  readonly expected: string;
  readonly message?: RegExp;
  /** How long the whole read may take, where only time ends it. */
  readonly totalMs?: number;
}

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const NAMESPACES = '/api/v1/namespaces';
const PODS = '/api/v1/pods';
const MB = 1_000_000;

const head = (next?: string): string =>
  `{"kind":"NetworkPolicyList","apiVersion":"v1","metadata":{"resourceVersion":"1"${next === undefined ? '' : `,"continue":"${next}"`}},"items":[`;
const policy = (i: number | string, spec = '{"podSelector":{}}'): string =>
  `{"metadata":{"name":"p${i}","namespace":"n"},"spec":${spec}}`;
const many = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join();
const list = (items: string, next?: string): string => `${head(next)}${items}]}`;

/** Writes a piece again and again, as fast as it is taken and until nobody takes it. */
function repeat(response: ServerResponse, piece: string | Buffer, times = Infinity, end = ''): void {
  let left = times;
  const more = (): void => {
    while (left-- > 0 && !response.destroyed) if (!response.write(piece)) return;
    if (left < 0 && !response.destroyed) response.end(end);
  };
  response.on('drain', more);
  more();
}

/** A gzip of a piece many times: members of gzip follow each other as one stream. */
function packed(response: ServerResponse, before: string, piece: string, times: number, after = ''): void {
  response.setHeader('content-encoding', 'gzip');
  response.write(gzipSync(before));
  const member = gzipSync(piece, { level: 9 });
  let left = times;
  const more = (): void => {
    while (left-- > 0 && !response.destroyed) if (!response.write(member)) return;
    if (left < 0 && !response.destroyed) response.end(gzipSync(after));
  };
  response.on('drain', more);
  more();
}

const protobuf = (response: ServerResponse, bytes: Buffer): void => {
  response.setHeader('content-type', 'application/vnd.kubernetes.protobuf');
  response.end(bytes);
};
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
/** A list of pods with this as what follows its metadata. */
const podList = (body: Buffer, claimed = body.length): Buffer => {
  const type = field(1, Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('PodList'))]));
  return Buffer.concat([Buffer.from('k8s\0'), type, Buffer.from([0x12, ...varint(claimed)]), body]);
};
const metadata = field(1, field(1, Buffer.from('pod')));

/** Spoken of in the sentences of too much. */
const COUNTED = /Counted until then: \d+ objects, [\d.]+ MB/;

export const hostiles: readonly Hostile[] = [
  {
    name: '20 million arrays in a small gzip',
    path: POLICIES,
    answer: (response) =>
      packed(response, `${head()}{"metadata":{"name":"p"},"spec":[`, '[],'.repeat(1_000_000), 20, '[]]}]}'),
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'a gzip bomb between two objects',
    path: POLICIES,
    answer: (response) => packed(response, head(), ' '.repeat(10 * MB), Infinity),
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'a gzip bomb before the objects',
    path: POLICIES,
    answer: (response) => packed(response, '{"metadata":{"continue":"', 'x'.repeat(10 * MB), Infinity),
    expected: 'too-large',
    message: /beside its items/,
  },
  {
    name: 'a gzip bomb as an error',
    path: POLICIES,
    answer: (response) => {
      response.statusCode = 400;
      packed(response, '{"message":"', 'x'.repeat(10 * MB), Infinity);
    },
    expected: 'error',
  },
  ...(['deflate', 'br'] as const).map((encoding) => ({
    name: `a bomb in ${encoding}, which was not asked for`,
    path: POLICIES,
    answer: (response: ServerResponse) => {
      response.setHeader('content-encoding', encoding);
      const bytes = Buffer.alloc(100 * MB, ' ');
      const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
      response.end(encoding === 'br' ? brotliCompressSync(bytes, { params }) : deflateSync(bytes));
    },
    expected: 'error',
    message: /was not asked for/,
  })),
  {
    name: 'a page that never ends',
    path: POLICIES,
    answer: (response) => {
      response.write(head());
      repeat(response, `${many(1_000, policy)},`);
    },
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'ten million tiny objects',
    path: NAMESPACES,
    answer: (response) => packed(response, head(), '{"metadata":{"name":"a"}},'.repeat(100_000), 100, ']}'),
    expected: 'too-large',
    message: /too many namespaces/,
  },
  {
    name: 'ten million pods in pages',
    path: PODS,
    answer: (response, _url, asked) =>
      packed(
        response,
        head(`t${asked}`),
        many(500, (i) => `{"metadata":{"name":"p-${asked}-${i}"}}`),
        1,
        ']}',
      ),
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'pages that never end, without anything in them',
    path: POLICIES,
    answer: (response, _url, asked) => response.end(list('', `t${asked}`)),
    expected: 'too-large',
    message: /2000 pages/,
  },
  {
    name: 'a continuation that comes again',
    path: POLICIES,
    answer: (response) => response.end(list(policy(1), 'again')),
    expected: 'error',
    message: /circles/,
  },
  {
    name: 'a continuation of half a megabyte',
    path: POLICIES,
    answer: (response) => response.end(list(policy(1), 'x'.repeat(500_000))),
    expected: 'error',
    message: /continuation/,
  },
  {
    name: 'an object nested a million deep',
    path: POLICIES,
    answer: (response) => response.end(list(policy(1, `${'['.repeat(MB)}${']'.repeat(MB)}`))),
    expected: 'too-large',
    message: /nested/,
  },
  {
    name: 'a list nested a million deep',
    path: POLICIES,
    answer: (response) => response.end(`{"metadata":${'['.repeat(MB / 4)}${']'.repeat(MB / 4)},"items":[]}`),
    expected: 'too-large',
    message: /nested/,
  },
  {
    name: 'a text of 500 MB',
    path: POLICIES,
    answer: (response) => {
      response.write(`${head()}{"metadata":{"name":"`);
      repeat(response, 'x'.repeat(MB), 500, '"}}]}');
    },
    expected: 'too-large',
  },
  {
    name: 'a number of ten million digits',
    path: POLICIES,
    answer: (response) => {
      response.write(`${head()}{"metadata":{"name":"p"},"spec":{"n":`);
      repeat(response, '9'.repeat(MB), 10, '}}]}');
    },
    expected: 'too-large',
  },
  {
    name: 'numbers and versions that no machine holds',
    path: POLICIES,
    answer: (response) =>
      response.end(`{"kind":"NetworkPolicyList","metadata":{"resourceVersion":"${'9'.repeat(10_000)}"},"items":[
        ${policy(1, '{"podSelector":{},"ingress":[{"ports":[{"port":1e99999},{"port":-1e400},{"port":123456789012345678901234567890}]}]}')}]}`),
    expected: 'read',
  },
  {
    name: 'thirteen pages of huge policies',
    path: POLICIES,
    answer: (response, _url, asked) => {
      const rules = many(
        4_000,
        (i) => `{"ports":[{"port":${1 + i},"protocol":"TCP"}],"from":[{"podSelector":{"matchLabels":{"a":"b${i}"}}}]}`,
      );
      response.write(head(asked < 13 ? `t${asked}` : undefined));
      const piece = policy(`${asked}-x`, `{"podSelector":{},"ingress":[${rules}]}`);
      let i = 0;
      const more = (): void => {
        while (i < 100 && !response.destroyed)
          if (!response.write(`${i ? ',' : ''}${piece.replace('-x', `-${i++}`)}`)) return;
        response.end(']}');
      };
      response.on('drain', more);
      more();
    },
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'one object of 200,000 different fields, in each of a hundred policies',
    path: POLICIES,
    answer: (response, _url, asked) =>
      packed(
        response,
        head(),
        `${many(20, (p) => policy(p, `{${many(50_000, (i) => `"f${asked}-${p}-${i}":{}`)}}`))},`,
        5,
        `${policy('z')}]}`,
      ),
    expected: 'too-large',
  },
  {
    name: 'annotations of 250 kB on ten thousand namespaces',
    path: NAMESPACES,
    answer: (response) =>
      packed(
        response,
        head(),
        `{"metadata":{"name":"a","annotations":{"bulkhead.io/exempt":"${'x'.repeat(250_000)}"}}},`,
        10_000,
        '{"metadata":{"name":"a"}}]}',
      ),
    expected: 'too-large',
  },
  {
    name: 'labels of 250 kB on a thousand namespaces',
    path: NAMESPACES,
    answer: (response) => {
      response.write(head());
      repeat(
        response,
        `{"metadata":{"name":"a","labels":{"a":"${'x'.repeat(250_000)}"}}},`,
        1_000,
        '{"metadata":{"name":"a"}}]}',
      );
    },
    expected: 'too-large',
    message: COUNTED,
  },
  {
    name: 'an object of which another program wrote 300 MB of fields',
    path: POLICIES,
    answer: (response) => {
      response.write(`${head()}{"metadata":{"name":"a","managedFields":[`);
      repeat(response, `${'{"f":{}},'.repeat(100_000)}`, 300, '{}]}}]}');
    },
    expected: 'too-large',
  },
  {
    name: 'a body that is shorter than it says',
    path: POLICIES,
    answer: (response) => {
      response.setHeader('content-length', 9_999_999);
      response.write(head(), () => response.socket?.end());
    },
    expected: 'transient',
  },
  {
    name: 'a body that is longer than it says',
    path: POLICIES,
    answer: (response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n${list(many(100, policy))}`);
    },
    expected: 'transient',
  },
  {
    name: 'headers that never end',
    path: POLICIES,
    answer: (response) => {
      const { socket } = response;
      socket?.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        while (socket && !socket.destroyed) if (!socket.write(`x-more: ${'x'.repeat(1_000)}\r\n`)) return;
      };
      socket?.on('drain', more).on('error', () => undefined);
      more();
    },
    expected: 'error',
  },
  {
    name: 'an extension of a chunk that never ends',
    path: POLICIES,
    answer: (response) => {
      const { socket } = response;
      socket?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;');
      const more = (): void => {
        while (socket && !socket.destroyed) if (!socket.write('x'.repeat(60_000))) return;
      };
      socket?.on('drain', more).on('error', () => undefined);
      more();
    },
    totalMs: 2_000,
    expected: 'timeout',
  },
  {
    name: 'a byte now and then',
    path: POLICIES,
    answer: (response) => {
      response.write(head());
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(timer));
    },
    totalMs: 2_000,
    expected: 'timeout',
  },
  {
    name: 'no answer at all',
    path: POLICIES,
    answer: () => undefined,
    totalMs: 2_000,
    expected: 'timeout',
  },
  {
    name: 'a page of HTML',
    path: POLICIES,
    answer: (response) => {
      response.setHeader('content-type', 'text/html');
      response.write('<html>');
      repeat(response, '<p>sign in</p>'.repeat(10_000), 100);
    },
    expected: 'error',
  },
  {
    name: 'the same object a thousand times',
    path: POLICIES,
    answer: (response) => response.end(list(many(1_000, () => policy(1)))),
    expected: 'read',
  },
  ...[
    ['objects without a name', '{"metadata":{"namespace":"n"}},{"spec":{}}'],
    ['objects without metadata', '{}'],
    ['objects that are null', 'null'],
    ['objects that are numbers', '1,2,3'],
    ['objects that are texts', '"a","b"'],
    ['objects that are lists', '[[{"metadata":{"name":"a"}}]]'],
  ].map(([name, items]) => ({
    name: name!,
    path: POLICIES,
    answer: (response: ServerResponse) => response.end(list(items!)),
    expected: 'error',
  })),
  {
    name: 'a pod that says it has 4 GB',
    path: PODS,
    answer: (response) => protobuf(response, podList(Buffer.from([0x12, ...varint(4_000_000_000)]), 4_100_000_000)),
    expected: 'too-large',
  },
  {
    name: 'a pod that says it has 60 MB, and has them',
    path: PODS,
    answer: (response) => {
      response.setHeader('content-type', 'application/vnd.kubernetes.protobuf');
      response.write(podList(Buffer.from([0x12, ...varint(60 * MB)]), 61 * MB));
      repeat(response, Buffer.alloc(MB), 60);
    },
    expected: 'too-large',
  },
  {
    name: 'a pod that is longer than its list',
    path: PODS,
    answer: (response) => protobuf(response, podList(field(2, Buffer.alloc(100)), 50)),
    expected: 'error',
  },
  {
    name: 'a pod whose fields are longer than it',
    path: PODS,
    answer: (response) =>
      protobuf(response, podList(field(2, Buffer.concat([metadata, Buffer.from([0x12, ...varint(1_000_000)])])))),
    expected: 'error',
  },
  {
    name: 'a pod with wire types that nobody knows',
    path: PODS,
    answer: (response) =>
      protobuf(response, podList(field(2, Buffer.concat([metadata, Buffer.from([0x17, 0x1e, 0x0f])])))),
    expected: 'error',
  },
  {
    name: 'a pod of groups in groups, a million deep',
    path: PODS,
    answer: (response) =>
      protobuf(
        response,
        podList(field(2, Buffer.concat([metadata, Buffer.alloc(MB, 0x23), Buffer.alloc(MB - 1000, 0x24)]))),
      ),
    expected: 'error',
  },
  {
    name: 'a list of pods that is cut off',
    path: PODS,
    answer: (response) => protobuf(response, podList(field(2, metadata), 10_000)),
    expected: 'transient',
  },
  {
    name: 'a pod of a million empty containers, a hundred times',
    path: PODS,
    answer: (response) => {
      const one = field(2, Buffer.concat([metadata, field(2, Buffer.alloc(2 * MB - 100, Buffer.from([0x12, 0])))]));
      response.setHeader('content-type', 'application/vnd.kubernetes.protobuf');
      response.write(podList(Buffer.alloc(0), one.length * 100));
      repeat(response, one, 100);
    },
    expected: 'too-large',
  },
  {
    name: 'no pods, in protocol buffers that are of something else',
    path: PODS,
    answer: (response) => {
      const { type, bytes } = answerBody(
        { kind: 'Status', apiVersion: 'v1', message: 'x' },
        'application/vnd.kubernetes.protobuf',
      );
      response.setHeader('content-type', type);
      response.end(bytes);
    },
    expected: 'error',
  },
  {
    name: 'a hundred thousand versions of a group',
    path: '/apis',
    answer: (response) => {
      const versions = many(30_000, (i) => `{"version":"v${i}"}`);
      response.end(`{"kind":"APIGroupList","groups":[{"name":"cilium.io","versions":[${versions}]}]}`);
    },
    expected: 'read',
  },
  {
    name: 'groups without end',
    path: '/apis',
    answer: (response) => {
      response.write('{"kind":"APIGroupList","groups":[');
      repeat(
        response,
        many(10_000, (i) => `{"name":"g${i}"}`),
      );
    },
    expected: 'too-large',
  },
];
