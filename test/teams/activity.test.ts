// What is read of an incoming activity.
import { expect, test } from 'vitest';
import { activitySchema, isTrustedServiceUrl, toAddress, zoneOf } from '../../shared/teams/activity.ts';
import { clouds } from '../../shared/model/cloud.ts';

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['Mars/Olympus', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('the zone of whoever writes is %s: %s', (localTimezone, zone) => {
  expect(zoneOf({ localTimezone })).toBe(zone);
});

test.each([
  [{ conversationType: 'personal' }, 'personal'],
  [{ conversationType: 'groupChat', isGroup: true }, 'groupChat'],
  [{ conversationType: 'channel', isGroup: true }, 'channel'],
  [{ isGroup: true }, 'channel'],
  [{ conversationType: 'meeting', isGroup: true }, 'channel'],
  [{ conversationType: 'channel' }, 'channel'],
  [{}, 'personal'],
])('%o is a conversation of the kind %s', (conversation, kind) => {
  const activity = {
    type: 'message',
    serviceUrl: 'https://s',
    from: { id: 'f' },
    recipient: { id: 'r' },
    conversation: { id: 'c', ...conversation },
  };
  expect(toAddress(activitySchema.parse(activity), {}).kind).toBe(kind);
});

test.each([
  ['AzureCloud', 'https://smba.trafficmanager.net/teams/', true],
  ['AzureCloud', 'https://smba.infra.gcc.teams.microsoft.com/gcc', true],
  ['AzureCloud', 'https://smba.infra.gov.teams.microsoft.us/gcch', false],
  ['AzureUSGovernment', 'https://smba.infra.gov.teams.microsoft.us/gcch', true],
  ['AzureUSGovernment', 'https://smba.trafficmanager.net/teams/', false],
  ['AzureChinaCloud', 'https://msteams.botframework.azure.cn/teams', true],
  ['AzureCloud', 'https://evilsmba.trafficmanager.net/', false],
  ['AzureCloud', 'https://smba.trafficmanager.net.evil.example/', false],
  ['AzureCloud', 'https://other.trafficmanager.net/', false],
  ['AzureCloud', 'https://smba.trafficmanager.net:8443/', false],
  ['AzureCloud', 'https://robin@smba.trafficmanager.net/', false],
  ['AzureCloud', 'http://smba.trafficmanager.net/', false],
  ['AzureCloud', 'http://127.0.0.1:3978/', false],
] as const)('in %s, answers may go to %s: %s', (cloud, serviceUrl, trusted) => {
  expect(isTrustedServiceUrl(serviceUrl, clouds[cloud].bot.connectorHosts, false)).toBe(trusted);
});
