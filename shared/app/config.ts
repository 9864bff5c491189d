// Every setting once: its name, type, default and one line of help. README's table and local.settings.sample.json are made from it.
import { z } from 'zod';
import { USUAL_MAX_DAYS } from '../model/exemption.ts';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const guids = list.pipe(z.array(z.guid('each must be a GUID').transform((id) => id.toLowerCase())));
const flag = z.enum(['on', 'off']).transform((value) => value === 'on');
const whole = (least: number, most: number): z.ZodType<number, string> =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(least).max(most));
const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });
const optional = <T extends z.ZodType>(schema: T): z.ZodOptional<T> => schema.optional();

interface Setting<T extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly type: string;
  readonly schema: T;
  /** As it would be written; undefined means unset. */
  readonly default?: string;
  readonly help: string;
  /** Shown in the local sample. */
  readonly sample?: string;
}

const setting = <T extends z.ZodType>(definition: Setting<T>): Setting<T> => definition;

export const settings = {
  schedule: setting({
    name: 'BULKHEAD_SCHEDULE',
    type: 'NCRONTAB, UTC',
    schema: z.string().regex(/^\S+( \S+){5}$/, 'must be six fields: second minute hour day month weekday'),
    default: '0 */30 * * * *',
    help: 'When a scan starts.',
  }),
  periodMinutes: setting({
    name: 'BULKHEAD_PERIOD_MINUTES',
    type: 'minutes',
    schema: whole(1, 10_080),
    default: '30',
    help: 'The period that the schedule means; a scan overdue by two of them is reported as an outage.',
  }),
  deadlineMinutes: setting({
    name: 'BULKHEAD_SCAN_DEADLINE_MINUTES',
    type: 'minutes',
    schema: whole(1, 1_440),
    default: '25',
    help: 'A scan that is not finished by then closes as partial and says what is missing.',
  }),
  tenantId: setting({
    name: 'BULKHEAD_TENANT_ID',
    type: 'GUID',
    schema: optional(z.guid('must be a GUID').transform((id) => id.toLowerCase())),
    help: 'Audit only subscriptions of this Entra tenant, and accept bot messages from no other.',
  }),
  subscriptionsAllow: setting({
    name: 'BULKHEAD_SUBSCRIPTIONS',
    type: 'GUIDs, comma between',
    schema: guids,
    default: '',
    help: 'Audit these subscriptions only; empty means every enabled one the identity can see.',
  }),
  subscriptionsDeny: setting({
    name: 'BULKHEAD_SUBSCRIPTIONS_EXCLUDED',
    type: 'GUIDs, comma between',
    schema: guids,
    default: '',
    help: 'Never audit these subscriptions.',
  }),
  managementGroups: setting({
    name: 'BULKHEAD_MANAGEMENT_GROUPS',
    type: 'names, comma between',
    schema: list,
    default: '',
    help: 'Audit only subscriptions under these management groups.',
  }),
  managedNamespaces: setting({
    name: 'BULKHEAD_MANAGED_NAMESPACES',
    type: 'on | off',
    schema: flag,
    default: 'on',
    help: 'Read the managed namespaces of each cluster (one ARM call a cluster).',
  }),
  inCluster: setting({
    name: 'BULKHEAD_IN_CLUSTER',
    type: 'on | off',
    schema: flag,
    default: 'on',
    help: 'Read namespaces, pods, services and policies from the API server of each cluster.',
  }),
  localAccounts: setting({
    name: 'BULKHEAD_ALLOW_LOCAL_ACCOUNTS',
    type: 'on | off',
    schema: flag,
    default: 'off',
    help: 'Read clusters without Entra through their local account, which is cluster-admin.',
  }),
  runCommand: setting({
    name: 'BULKHEAD_RUN_COMMAND',
    type: 'on | off',
    schema: flag,
    default: 'off',
    help: 'Read private clusters through `az aks command invoke`, which starts a pod on every scan.',
  }),
  excludedNamespaces: setting({
    name: 'BULKHEAD_EXCLUDED_NAMESPACES',
    type: 'names, comma between',
    schema: list,
    default:
      'kube-system,kube-public,kube-node-lease,gatekeeper-system,calico-system,tigera-operator,aks-command,app-routing-system,aks-istio-system,azure-arc,azure-extensions-usage-system',
    help: 'Namespaces that in-cluster rules leave out, beside those that AKS labels as its own.',
  }),
  retentionDays: setting({
    name: 'BULKHEAD_RETENTION_DAYS',
    type: 'days',
    schema: whole(1, 3_650),
    default: '90',
    help: 'How long history is kept. The state before the oldest day stays, so that a question about any kept day has an answer.',
  }),
  exemptionMaxDays: setting({
    name: 'BULKHEAD_EXEMPTION_MAX_DAYS',
    type: 'days',
    schema: whole(1, 3_650),
    default: String(USUAL_MAX_DAYS),
    help: 'The longest time an exemption may run.',
  }),
  routing: setting({
    name: 'BULKHEAD_ROUTING',
    type: 'JSON or YAML',
    schema: optional(z.string()),
    help: 'The routing tree of alerts as text; a file is named by BULKHEAD_ROUTING_FILE. Without either, every subscriber gets everything.',
  }),
  routingFile: setting({
    name: 'BULKHEAD_ROUTING_FILE',
    type: 'path',
    schema: optional(z.string()),
    help: 'A YAML or JSON file with the routing tree of alerts.',
  }),
  heartbeatUrl: setting({
    name: 'BULKHEAD_HEARTBEAT_URL',
    type: 'URL',
    schema: optional(url),
    help: 'Called after each complete scan; let an outside service alert when the calls stop.',
  }),
  botAppId: setting({
    name: 'BULKHEAD_BOT_APP_ID',
    type: 'GUID',
    schema: optional(z.guid('must be a GUID')),
    help: 'The bot’s application id; without it the bot is off.',
  }),
  botTenantId: setting({
    name: 'BULKHEAD_BOT_TENANT_ID',
    type: 'GUID',
    schema: optional(z.guid('must be a GUID')),
    help: 'The Entra tenant of the bot’s identity; defaults to BULKHEAD_TENANT_ID.',
  }),
  botAnonymous: setting({
    name: 'BULKHEAD_BOT_ANONYMOUS',
    type: 'on | off',
    schema: flag,
    default: 'off',
    help: 'Local development only: accept chat messages from this machine without a token.',
  }),
  operators: setting({
    name: 'BULKHEAD_OPERATORS',
    type: 'Entra object ids, comma between',
    schema: list,
    default: '',
    help: 'Who may change state in chat (acknowledge, silence, exempt); empty means nobody may.',
  }),
  apiBaseUrl: setting({
    name: 'BULKHEAD_PUBLIC_URL',
    type: 'URL',
    schema: optional(url),
    help: 'The address under which people reach the HTTP API, for links on cards.',
  }),
  clientId: setting({
    name: 'AZURE_CLIENT_ID',
    type: 'GUID',
    schema: optional(z.guid('must be a GUID')),
    help: 'The user-assigned managed identity that reads the estate; unset means the default credential chain.',
  }),
  armEndpoint: setting({
    name: 'BULKHEAD_ARM_ENDPOINT',
    type: 'URL',
    schema: url,
    default: 'https://management.azure.com',
    help: 'Azure Resource Manager; other clouds have other addresses.',
  }),
  armTimeoutSeconds: setting({
    name: 'BULKHEAD_ARM_TIMEOUT_SECONDS',
    type: 'seconds',
    schema: whole(1, 600),
    default: '60',
    help: 'The longest one ARM request may take, retries not counted.',
  }),
  storageConnection: setting({
    name: 'AzureWebJobsStorage',
    type: 'connection string',
    schema: optional(z.string()),
    help: 'Storage by connection string: for the local emulator. In Azure use AzureWebJobsStorage__accountName and an identity.',
    sample: 'UseDevelopmentStorage=true',
  }),
  storageAccount: setting({
    name: 'AzureWebJobsStorage__accountName',
    type: 'name',
    schema: optional(z.string().regex(/^[a-z0-9]{3,24}$/, 'must be 3 to 24 lower-case letters and digits')),
    help: 'Storage account reached with the managed identity.',
  }),
  storageTables: setting({
    name: 'AzureWebJobsStorage__tableServiceUri',
    type: 'URL',
    schema: optional(url),
    help: 'Table endpoint, when it is not the public cloud’s default for the account.',
  }),
  storageQueues: setting({
    name: 'AzureWebJobsStorage__queueServiceUri',
    type: 'URL',
    schema: optional(url),
    help: 'Queue endpoint, when it is not the public cloud’s default for the account.',
  }),
  nodeArguments: setting({
    name: 'languageWorkers__node__arguments',
    type: 'arguments of Node',
    schema: optional(z.string()),
    help: 'Read by the Functions host, not by Bulkhead: a bound on the heap keeps a scan of thousands of clusters within a small instance.',
    sample: '--max-old-space-size=256 --max-semi-space-size=8',
  }),
  tablePrefix: setting({
    name: 'BULKHEAD_TABLE_PREFIX',
    type: 'letters and digits',
    schema: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,30}$/, 'must be letters and digits, a letter first'),
    default: 'Bulkhead',
    help: 'First part of every table’s name.',
  }),
} as const;

type Settings = typeof settings;
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> };

/** Raised when settings are wrong or missing; its message lists all of them, never a value that could be a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `Bulkhead cannot start, ${problems.length} setting(s) are wrong:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * @param env setting names to texts, as process.env
 * @returns every setting, parsed
 * @throws ConfigError listing every wrong, missing or unknown BULKHEAD_ setting
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, definition] of Object.entries<Setting>(settings)) {
    const given = env[definition.name];
    const text = given === undefined || given === '' ? definition.default : given;
    const parsed = definition.schema.safeParse(text);
    if (parsed.success) config[key] = parsed.data;
    else problems.push(`${definition.name} ${describe(parsed.error)} (expected: ${definition.type})`);
  }
  const known = new Set(Object.values<Setting>(settings).map((s) => s.name));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('BULKHEAD_') || known.has(name)) continue;
    problems.push(`${name} is no setting of Bulkhead; did you mean ${nearest(name, [...known])}?`);
  }
  problems.push(...contradictions(config as unknown as Config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config as unknown as Config;
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  const identity = config.storageAccount ?? (config.storageTables && config.storageQueues);
  if (!config.storageConnection && !identity)
    problems.push(
      'AzureWebJobsStorage is missing: set it to a connection string, or set AzureWebJobsStorage__accountName to use the managed identity',
    );
  if (config.routing && config.routingFile)
    problems.push('BULKHEAD_ROUTING and BULKHEAD_ROUTING_FILE are both set: keep one');
  if (config.botAppId && !config.botTenantId && !config.tenantId)
    problems.push('BULKHEAD_BOT_TENANT_ID is missing: a bot accepts messages of its own tenant only');
  const both = config.subscriptionsAllow?.filter((id) => config.subscriptionsDeny?.includes(id)) ?? [];
  if (both.length > 0)
    problems.push(`BULKHEAD_SUBSCRIPTIONS_EXCLUDED names ${both.join(', ')}, which BULKHEAD_SUBSCRIPTIONS asks for`);
  return problems;
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message.replace(/^Invalid input: /, '')).join('; ');
}

function nearest(name: string, known: readonly string[]): string {
  const words = new Set(name.split('_'));
  const shared = (candidate: string): number => candidate.split('_').filter((word) => words.has(word)).length;
  return known.toSorted((a, b) => shared(b) - shared(a) || a.length - b.length)[0]!;
}
