// Pods, nodes and refusals in protocol buffers, as an API server writes them for clients that ask: field numbers from `generated.proto` of k8s.io/api/core/v1 and k8s.io/apimachinery.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Fields } from './object.ts';
import { isFields } from './object.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

type Encode = (writer: BinaryWriter, number: number, value: unknown) => void;
/** Field numbers and types by the names that JSON has. */
type Schema = Readonly<Record<string, readonly [number, Encode]>>;

// Go writes what is not a pointer even when it is empty.
const text: Encode = (writer, number, value = '') =>
  void writer.tag(number, WireType.LengthDelimited).string(String(value));
const integer: Encode = (writer, number, value = 0) => void writer.tag(number, WireType.Varint).int64(Number(value));
const flag: Encode = (writer, number, value = false) => void writer.tag(number, WireType.Varint).bool(value === true);

const ifGiven =
  (encode: Encode): Encode =>
  (writer, number, value) => {
    if (value !== undefined && value !== null) encode(writer, number, value);
  };

const object = (schema: Schema): Encode =>
  ifGiven((writer, number, value) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    for (const [name, [field, encode]] of Object.entries(schema)) encode(writer, field, (value as Fields)[name]);
    writer.join();
  });

const each = (encode: Encode): Encode =>
  ifGiven((writer, number, value) => {
    for (const item of value as readonly unknown[]) encode(writer, number, item);
  });

const entry = object({ key: [1, text], value: [2, text] });
const map: Encode = ifGiven((writer, number, value) => {
  for (const [key, text] of Object.entries(value as Fields)) entry(writer, number, { key, value: text });
});

const seconds = object({ seconds: [1, integer], nanos: [2, integer] });
const time: Encode = ifGiven((writer, number, value) =>
  seconds(writer, number, { seconds: Math.floor(Date.parse(String(value)) / 1000) }),
);

const metadata = object({
  name: [1, text],
  generateName: [2, text],
  namespace: [3, text],
  uid: [5, text],
  creationTimestamp: [8, time],
  deletionTimestamp: [9, time],
  deletionGracePeriodSeconds: [10, ifGiven(integer)],
  labels: [11, map],
  annotations: [12, map],
  ownerReferences: [
    13,
    each(
      object({
        kind: [1, text],
        name: [3, text],
        uid: [4, text],
        apiVersion: [5, text],
        controller: [6, ifGiven(flag)],
        blockOwnerDeletion: [7, ifGiven(flag)],
      }),
    ),
  ],
});

const container = object({
  name: [1, text],
  image: [2, text],
  command: [3, each(text)],
  args: [4, each(text)],
  workingDir: [5, text],
  ports: [
    6,
    each(object({ name: [1, text], hostPort: [2, integer], containerPort: [3, integer], protocol: [4, text] })),
  ],
  env: [7, each(object({ name: [1, text], value: [2, text] }))],
  restartPolicy: [24, ifGiven(text)],
});

const pod = object({
  metadata: [1, metadata],
  spec: [
    2,
    object({
      containers: [2, each(container)],
      nodeSelector: [7, map],
      serviceAccountName: [8, text],
      nodeName: [10, text],
      hostNetwork: [11, flag],
      initContainers: [20, each(container)],
      automountServiceAccountToken: [21, ifGiven(flag)],
      os: [36, object({ name: [1, text] })],
    }),
  ],
  status: [
    3,
    object({ phase: [1, text], hostIP: [5, text], podIP: [6, text], podIPs: [12, each(object({ ip: [1, text] }))] }),
  ],
});

const node = object({
  metadata: [1, metadata],
  spec: [2, object({ podCIDR: [1, text], externalID: [2, text], providerID: [3, text], podCIDRs: [7, each(text)] })],
  status: [3, object({ phase: [3, text], addresses: [5, each(object({ type: [1, text], address: [2, text] }))] })],
});

const listMetadata = object({
  selfLink: [1, text],
  resourceVersion: [2, text],
  continue: [3, text],
  remainingItemCount: [4, ifGiven(integer)],
});

const kinds: Readonly<Record<string, Encode>> = {
  PodList: object({ metadata: [1, listMetadata], items: [2, each(pod)] }),
  NodeList: object({ metadata: [1, listMetadata], items: [2, each(node)] }),
  Status: object({
    metadata: [1, listMetadata],
    status: [2, text],
    message: [3, text],
    reason: [4, text],
    code: [6, integer],
  }),
};

export interface AnswerBody {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * @param body a Kubernetes object, or plain text
 * @param accept the header of the request
 */
export function answerBody(body: unknown, accept: string | undefined): AnswerBody {
  if (typeof body === 'string') return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(body) };
  const encoded = accept?.includes(PROTOBUF_TYPE) && isFields(body) ? encodeObject(body) : undefined;
  return encoded
    ? { type: PROTOBUF_TYPE, bytes: encoded }
    : { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
}

/** @returns an object in protocol buffers; undefined for kinds that are written in JSON alone here */
export function encodeObject(body: Fields): Buffer | undefined {
  const { apiVersion, kind } = body;
  const encode = kinds[String(kind)];
  if (!encode) return undefined;
  const writer = new BinaryWriter();
  object({ apiVersion: [1, text], kind: [2, text] })(writer, 1, { apiVersion, kind });
  encode(writer, 2, body);
  text(writer, 3, '');
  text(writer, 4, '');
  return Buffer.concat([Buffer.from('k8s\0', 'latin1'), writer.finish()]);
}
