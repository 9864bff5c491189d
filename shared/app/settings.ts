// Every setting once: its name, type, default and one line of help. README's table and local.settings.sample.json are made from it.
import { z } from 'zod';
import { cloudNames } from '../model/cloud.ts';
import { USUAL_MAX_DAYS } from '../model/exemption.ts';
import { isZone } from '../model/zone.ts';

export interface Setting {
  /** Of the environment variable. */
  readonly name: string;
  /** In words, for people. */
  readonly type: string;
  readonly schema: z.ZodType;
  /** As it would be written; undefined means unset. */
  readonly default?: string;
  /** In whole sentences. */
  readonly help: string;
  /** Shown in the local sample. */
  readonly sample?: string;
}

const onOff = { type: 'on | off', schema: z.enum(['on', 'off']).transform((value) => value === 'on') };
const guid = { type: 'GUID', schema: z.guid('must be a GUID').optional() };
const url = { type: 'URL', schema: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional() };
const text = (type: string) => ({ type, schema: z.string().optional() });

const digits = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number);
const whole = (unit: string, most: number) => {
  const within = (value: number): boolean => value >= 1 && value <= most;
  return { type: unit, schema: digits.refine(within, `must be from 1 to ${most}`) };
};

const items = z.string().transform((given) =>
  given
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const list = (what: string) => ({ type: `${what}, comma between`, schema: items });
const guids = {
  ...list('GUIDs'),
  schema: items.pipe(z.array(z.guid('each must be a GUID').transform((id) => id.toLowerCase()))),
};

/** By the name that the code has for it. */
export const settings = {
  schedule: {
    name: 'BULKHEAD_SCHEDULE',
    type: 'NCRONTAB, UTC',
    schema: z.string().regex(/^\S+( \S+){5}$/, 'must be six fields: second minute hour day month weekday'),
    default: '0 */30 * * * *',
    help: 'When a scan starts.',
  },
  periodMinutes: {
    name: 'BULKHEAD_PERIOD_MINUTES',
    ...whole('minutes', 10_080),
    default: '30',
    help: 'How long it is from one scan of BULKHEAD_SCHEDULE to the next; when none has closed for twice as long, that is reported as an outage.',
  },
  deadlineMinutes: {
    name: 'BULKHEAD_SCAN_DEADLINE_MINUTES',
    ...whole('minutes', 1_440),
    default: '25',
    help: 'A scan that is not finished by then closes as partial and says what is missing.',
  },
  tenantId: {
    name: 'BULKHEAD_TENANT_ID',
    type: 'GUID',
    schema: z.guid('must be a GUID').toLowerCase().optional(),
    help: 'Audit only subscriptions of this Entra tenant and those delegated to it (Azure Lighthouse), and accept bot messages from no other.',
  },
  subscriptionsAllow: {
    name: 'BULKHEAD_SUBSCRIPTIONS',
    ...guids,
    default: '',
    help: 'Audit these subscriptions only; empty means every enabled one the identity can see.',
  },
  subscriptionsDeny: {
    name: 'BULKHEAD_SUBSCRIPTIONS_EXCLUDED',
    ...guids,
    default: '',
    help: 'Never audit these subscriptions.',
  },
  managementGroups: {
    name: 'BULKHEAD_MANAGEMENT_GROUPS',
    ...list('names'),
    default: '',
    help: 'Audit only subscriptions under these management groups.',
  },
  managedNamespaces: {
    name: 'BULKHEAD_MANAGED_NAMESPACES',
    ...onOff,
    default: 'on',
    help: 'Read the managed namespaces of each cluster (one ARM call per cluster).',
  },
  inCluster: {
    name: 'BULKHEAD_IN_CLUSTER',
    ...onOff,
    default: 'on',
    help: 'Read namespaces, pods, services and policies from the API server of each cluster.',
  },
  localAccounts: {
    name: 'BULKHEAD_ALLOW_LOCAL_ACCOUNTS',
    ...onOff,
    default: 'off',
    help: 'Read clusters without Entra through their local account, which is cluster-admin.',
  },
  runCommand: {
    name: 'BULKHEAD_RUN_COMMAND',
    ...onOff,
    default: 'off',
    help: 'Read private clusters through `az aks command invoke`, which starts a pod on every scan.',
  },
  excludedNamespaces: {
    name: 'BULKHEAD_EXCLUDED_NAMESPACES',
    ...list('names'),
    default:
      'kube-system,kube-public,kube-node-lease,gatekeeper-system,calico-system,tigera-operator,aks-command,app-routing-system,aks-istio-system,azure-arc,azure-extensions-usage-system',
    help: 'Namespaces that in-cluster rules leave out, beside those that AKS labels as its own.',
  },
  retentionDays: {
    name: 'BULKHEAD_RETENTION_DAYS',
    ...whole('days', 3_650),
    default: '90',
    help: 'How long history is kept. The state before the oldest day stays, so that a question about any day that is kept has an answer.',
  },
  exemptionMaxDays: {
    name: 'BULKHEAD_EXEMPTION_MAX_DAYS',
    ...whole('days', 3_650),
    default: String(USUAL_MAX_DAYS),
    help: 'The longest time an exemption may run.',
  },
  timezone: {
    name: 'BULKHEAD_TIMEZONE',
    type: 'IANA time zone',
    schema: z.string().refine(isZone, 'must be an IANA time zone like Europe/Berlin'),
    default: 'UTC',
    help: 'Where days begin and end that are written without a time: in tags, annotations and the API, and in chat where Teams does not tell the zone of whoever writes.',
  },
  routing: {
    name: 'BULKHEAD_ROUTING',
    ...text('JSON or YAML'),
    help: 'The routing tree of alerts, as text; BULKHEAD_ROUTING_FILE names a file instead. Without either, every subscriber gets everything.',
  },
  routingFile: {
    name: 'BULKHEAD_ROUTING_FILE',
    ...text('path'),
    help: 'A YAML or JSON file with the routing tree of alerts.',
  },
  heartbeatUrl: {
    name: 'BULKHEAD_HEARTBEAT_URL',
    ...url,
    help: 'Called after each complete scan; let an outside service alert when the calls stop.',
  },
  botAppId: {
    name: 'BULKHEAD_BOT_APP_ID',
    ...guid,
    help: 'The bot’s application id; without it the bot is off.',
  },
  botTenantId: {
    name: 'BULKHEAD_BOT_TENANT_ID',
    ...guid,
    help: 'The Entra tenant of the bot’s identity; defaults to BULKHEAD_TENANT_ID.',
  },
  botAnonymous: {
    name: 'BULKHEAD_BOT_ANONYMOUS',
    ...onOff,
    default: 'off',
    help: 'Local development only: accept chat messages from this machine without a token.',
  },
  operators: {
    name: 'BULKHEAD_OPERATORS',
    ...list('Entra object ids'),
    default: '',
    help: 'Who may change state in chat (acknowledge, silence, exempt) and subscribe channels; empty means nobody may.',
  },
  operatorKey: {
    name: 'BULKHEAD_OPERATOR_KEY',
    type: '24 to 200 characters',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{24,200}$/, 'must be 24 to 200 printable characters without spaces')
      .optional(),
    help: 'The one function key that may also change state over HTTP; what it does is done by “the operator key”. The host must know it too: `az functionapp keys set --key-type functionKeys --key-name operator --key-value …`. Without it no key may.',
  },
  platformAuth: {
    name: 'WEBSITE_AUTH_ENABLED',
    type: 'true | false',
    schema: z
      .string()
      .optional()
      .transform((given) => given?.toLowerCase() === 'true'),
    help: 'Set by Azure, not by you, when App Service authentication stands before the app. Callers of the HTTP API are then people and applications with the app role Compliance.Read or Compliance.Operate, and function keys are not asked for.',
  },
  apiTenantId: {
    name: 'BULKHEAD_API_TENANT_ID',
    ...guid,
    help: 'The Entra tenant whose people and applications may call the HTTP API; defaults to BULKHEAD_TENANT_ID.',
  },
  clientId: {
    name: 'AZURE_CLIENT_ID',
    ...guid,
    help: 'The user-assigned managed identity that reads the estate; unset means the default credential chain.',
  },
  cloud: {
    name: 'AZURE_CLOUD',
    type: cloudNames.join(' | '),
    schema: z.enum(cloudNames),
    default: 'AzureCloud',
    help: 'The Azure cloud of the estate, the storage and the bot, as `az cloud list` names it: where Resource Manager, sign-in, storage and the bot service are.',
  },
  armTimeoutSeconds: {
    name: 'BULKHEAD_ARM_TIMEOUT_SECONDS',
    ...whole('seconds', 600),
    default: '60',
    help: 'The longest one ARM request may take, retries not counted.',
  },
  storageConnection: {
    name: 'AzureWebJobsStorage',
    ...text('connection string'),
    help: 'Storage by connection string, for the local emulator. In Azure, use AzureWebJobsStorage__accountName and an identity.',
    sample: 'UseDevelopmentStorage=true',
  },
  storageAccount: {
    name: 'AzureWebJobsStorage__accountName',
    type: 'name',
    schema: z
      .string()
      .regex(/^[a-z0-9]{3,24}$/, 'must be 3 to 24 lower-case letters and digits')
      .optional(),
    help: 'Storage account reached with the managed identity.',
  },
  storageTables: {
    name: 'AzureWebJobsStorage__tableServiceUri',
    ...url,
    help: 'Table endpoint, when it is not the cloud’s default for the account.',
  },
  storageQueues: {
    name: 'AzureWebJobsStorage__queueServiceUri',
    ...url,
    help: 'Queue endpoint, when it is not the cloud’s default for the account.',
  },
  nodeArguments: {
    name: 'languageWorkers__node__arguments',
    ...text('arguments of Node'),
    help: 'Read by the Functions host, not by Bulkhead: limits the heap, so that a scan of thousands of clusters fits into a small instance. What one cluster may take of it depends on its size: 256 MB hold about 50,000 pods, and a larger cluster is unknown (`too-large`) inside.',
    sample: '--max-old-space-size=256 --max-semi-space-size=8',
  },
  bodyLimit: {
    name: 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
    ...text('bytes'),
    help: 'Read by the Functions host, not by Bulkhead: larger requests are refused before anything looks at them. The host’s own limit is 100 MB.',
    sample: '1048576',
  },
  tablePrefix: {
    name: 'BULKHEAD_TABLE_PREFIX',
    type: 'letters and digits',
    schema: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,30}$/, 'must be letters and digits, a letter first'),
    default: 'Bulkhead',
    help: 'First part of every table’s name.',
  },
} as const satisfies Readonly<Record<string, Setting>>;
