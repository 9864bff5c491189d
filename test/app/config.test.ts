// Settings: good ones are parsed, wrong ones are all listed in one message.
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../shared/app/config.ts';
import { storageTarget } from '../../shared/app/create-storage.ts';

const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test('storage alone is enough, everything else has a default', () => {
  expect(readConfig(storage)).toMatchObject({
    schedule: '0 */30 * * * *',
    periodMinutes: 30,
    retentionDays: 90,
    subscriptionsAllow: [],
    runCommand: false,
    cloud: 'AzureCloud',
  });
});

test('an empty text means unset, and lists are trimmed', () => {
  const id = '6F1C1D52-0B0E-4C1B-9A57-1D0C6F3B7A01';
  const config = readConfig({ ...storage, BULKHEAD_TENANT_ID: '', BULKHEAD_SUBSCRIPTIONS: ` ${id} , ` });
  expect(config.tenantId).toBeUndefined();
  expect(config.subscriptionsAllow).toEqual([id.toLowerCase()]);
});

test('everything that is wrong is listed at once, by name', () => {
  const problems = problemsOf({
    BULKHEAD_SCHEDULE: 'hourly',
    BULKHEAD_RETENTION_DAYS: '-3',
    BULKHEAD_TENANT_ID: 'contoso',
    BULKHEAD_RETENTION: '9',
  });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'BULKHEAD_SCHEDULE',
    'BULKHEAD_TENANT_ID',
    'BULKHEAD_RETENTION_DAYS',
    'BULKHEAD_RETENTION',
    'AzureWebJobsStorage',
  ]);
  expect(problems.join('\n')).toContain('did you mean BULKHEAD_RETENTION_DAYS');
});

test('each problem says what would be right, and a name that is like no other gets no suggestion', () => {
  const problems = problemsOf({
    ...storage,
    BULKHEAD_PERIOD_MINUTES: '0',
    BULKHEAD_COLOUR: 'red',
    BULKHEAD_BOT_ID: '1',
  });
  expect(problems).toEqual([
    'BULKHEAD_PERIOD_MINUTES must be from 1 to 10080 (expected: minutes)',
    'BULKHEAD_COLOUR is not a setting of Bulkhead',
    'BULKHEAD_BOT_ID is not a setting of Bulkhead; did you mean BULKHEAD_BOT_APP_ID?',
  ]);
});

describe('settings that contradict each other', () => {
  const id = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
  test.each<[string, Record<string, string>, string]>([
    [
      'a subscription both asked for and excluded',
      { BULKHEAD_SUBSCRIPTIONS: id, BULKHEAD_SUBSCRIPTIONS_EXCLUDED: id },
      'asks for',
    ],
    ['two routings', { BULKHEAD_ROUTING: '{}', BULKHEAD_ROUTING_FILE: 'x.yaml' }, 'keep one'],
    [
      'a storage key beside an identity',
      { AzureWebJobsStorage__accountName: 'bulkhead' },
      'AzureWebJobsStorage and AzureWebJobsStorage__accountName are both set',
    ],
    [
      'a storage key beside what only the host knows of an identity',
      { AzureWebJobsStorage__credential: 'managedidentity' },
      'AzureWebJobsStorage and AzureWebJobsStorage__credential are both set',
    ],
    ['a cloud that no Azure has', { AZURE_CLOUD: 'AzureGermanCloud' }, 'AZURE_CLOUD'],
    ['a bot without a tenant', { BULKHEAD_BOT_APP_ID: id }, 'BULKHEAD_BOT_TENANT_ID'],
  ])('%s is refused', (_name, env, text) => {
    expect(problemsOf({ ...storage, ...env }).join('\n')).toContain(text);
  });
});

test.each([
  ['AzureCloud', 'https://fleet.table.core.windows.net', 'https://fleet.queue.core.windows.net'],
  ['AzureUSGovernment', 'https://fleet.table.core.usgovcloudapi.net', 'https://fleet.queue.core.usgovcloudapi.net'],
  ['AzureChinaCloud', 'https://fleet.table.core.chinacloudapi.cn', 'https://fleet.queue.core.chinacloudapi.cn'],
])('in %s, a storage account is looked for under that cloud’s own domain', (cloud, tableEndpoint, queueEndpoint) => {
  const credential = { getToken: async () => null };
  const config = readConfig({ AzureWebJobsStorage__accountName: 'fleet', AZURE_CLOUD: cloud });
  expect(storageTarget(config, credential)).toEqual({ tableEndpoint, queueEndpoint, credential });
});

test('no value of a setting stands in the message, it might be a secret', () => {
  const secret = 'AccountKey=hunter2';
  expect(problemsOf({ AzureWebJobsStorage: '', BULKHEAD_HEARTBEAT_URL: secret }).join('\n')).not.toContain('hunter2');
});
