// The settings of one process, read from its environment.
import type { z } from 'zod';
import type { Setting } from './settings.ts';
import { settings } from './settings.ts';

type Settings = typeof settings;
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> };

/** Some settings are wrong or missing: its message lists all of them, and no value, which could be a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `Bulkhead cannot start: ${problems.length === 1 ? '1 setting is' : `${problems.length} settings are`} wrong:\n${problems.map((p) => `  ${p}`).join('\n')}`,
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
  for (const [key, { name, type, schema, default: standard }] of Object.entries<Setting>(settings)) {
    const given = env[name];
    const parsed = schema.safeParse(given === undefined || given === '' ? standard : given);
    if (parsed.success) config[key] = parsed.data;
    else problems.push(`${name} ${describe(parsed.error)} (expected: ${type})`);
  }
  problems.push(...strangers(Object.keys(env)), ...twoStorages(env), ...contradictions(config as Partial<Config>));
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

/** Names that look like settings and are not: a typo would otherwise leave its setting at the default without a word. */
function strangers(names: readonly string[]): string[] {
  const known = Object.values<Setting>(settings).map(({ name }) => name);
  return names
    .filter((name) => name.startsWith('BULKHEAD_') && !known.includes(name))
    .map((name) => {
      const meant = mostAlike(name, known);
      return `${name} is not a setting of Bulkhead${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

/** The Functions host takes the connection string, with the account's key in it, and says nothing about the identity that it leaves unused. */
function twoStorages(env: Readonly<Record<string, string | undefined>>): string[] {
  if (!env['AzureWebJobsStorage']) return [];
  return Object.keys(env)
    .filter((name) => name.startsWith('AzureWebJobsStorage__') && env[name])
    .map(
      (name) =>
        `AzureWebJobsStorage and ${name} are both set, and the connection string would win over the identity: keep one`,
    );
}

function contradictions(config: Partial<Config>): string[] {
  const problems: string[] = [];
  const identity = config.storageAccount ?? (config.storageTables && config.storageQueues);
  if (!config.storageConnection && !identity)
    problems.push(
      'AzureWebJobsStorage is missing: set it to a connection string, or set AzureWebJobsStorage__accountName to use the managed identity',
    );
  if (config.routing && config.routingFile)
    problems.push('BULKHEAD_ROUTING and BULKHEAD_ROUTING_FILE are both set: keep one');
  if (config.botAppId && !config.botTenantId && !config.tenantId)
    problems.push('BULKHEAD_BOT_TENANT_ID is missing: a bot accepts messages from its own tenant only');
  const both = config.subscriptionsAllow?.filter((id) => config.subscriptionsDeny?.includes(id)) ?? [];
  if (both.length > 0)
    problems.push(`BULKHEAD_SUBSCRIPTIONS_EXCLUDED names ${both.join(', ')}, which BULKHEAD_SUBSCRIPTIONS asks for`);
  return problems;
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message.replace(/^Invalid input: /, '')).join('; ');
}

/** @returns the name with most words in common beside the first: what is wrong with a name is most often a word too few or too many */
function mostAlike(name: string, known: readonly string[]): string | undefined {
  const words = name.split('_').slice(1);
  const common = (candidate: string): number => candidate.split('_').filter((word) => words.includes(word)).length;
  return known
    .filter((candidate) => common(candidate) > 0)
    .toSorted((a, b) => common(b) - common(a) || a.length - b.length)[0];
}
