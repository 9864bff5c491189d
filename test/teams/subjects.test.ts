// Every way in which cards print an object is a way to name it in a command; a name of several objects is asked about.
import { describe, expect, test, vi } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { subjectNames, subjectsMeant } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { alertEvent, alertView } from '../support/alerts.ts';
import { busyServices, say, shop } from '../support/bot-services.ts';

const database = 'workload/payments/payments-db[StatefulSet]';
const twin = 'service/payments/payments-db';
const ways = [
  database,
  'payments/payments-db[StatefulSet]',
  'Payments/Payments-DB[statefulset]',
  'workload/payments/payments-db',
  'payments/payments-db',
];

describe('the names of a subject', () => {
  test.each([
    [
      database,
      [database, 'payments/payments-db[StatefulSet]', 'workload/payments/payments-db', 'payments/payments-db'],
    ],
    ['namespace/payments', ['namespace/payments', 'payments']],
    [
      'policy//deny[GlobalNetworkPolicy]',
      ['policy//deny[GlobalNetworkPolicy]', 'deny[GlobalNetworkPolicy]', 'policy//deny', 'deny'],
    ],
    [twin, [twin, 'payments/payments-db']],
    ['cluster', ['cluster']],
  ])('%s', (subject, names) => {
    expect(subjectNames(subject)).toEqual(names);
  });

  test('the whole subject means itself alone; less means all that are called so', () => {
    expect(subjectsMeant([database, twin], twin)).toEqual([twin]);
    expect(subjectsMeant([database, twin], 'payments/payments-db')).toEqual([database, twin]);
    expect(subjectsMeant([database, twin], 'payments-db')).toEqual([]);
  });
});

const finding = (subject: string): Finding => ({
  rule: 'no-allow-all',
  subject,
  verdict: 'fail',
  severity: 'high',
  message: `${subject} is open.`,
});
const services = (subjects: readonly string[], alerts: Partial<AlertService> = {}) =>
  busyServices({ clusterResult: async () => ({ findings: subjects.map(finding) }) as unknown as Result }, alerts);

describe('why', () => {
  test.each(ways)('%s', async (way) => {
    const { texts } = await say(
      `why shop no-allow-all ${way}`,
      services(['workload/payments/web[Deployment]', database]),
    );
    expect(texts[0]).toBe('payments/payments-db[StatefulSet] in shop admits everyone on every port');
  });

  test('asks which one when several are called so', async () => {
    const { texts, buttons } = await say('why shop no-allow-all payments/payments-db', services([database, twin]));
    expect(texts[0]).toBe('2 objects are called “payments/payments-db” on shop');
    expect(Object.values(buttons)).toEqual([database, twin].map((one) => `why ${shop.key} no-allow-all ${one}`));
  });
});

describe('exempt', () => {
  const term = 'until 2026-12-31 because legacy';
  const exempting = () => {
    const exempt = vi.fn<AlertService['exempt']>(async (wanted) => {
      return { ...wanted, id: '77aa', createdBy: 'Robin', createdAt: '' };
    });
    return { exempt, given: services([database], { exempt }) };
  };

  test.each(ways)('%s', async (way) => {
    const { exempt, given } = exempting();
    await say(`exempt shop no-allow-all ${way} ${term}`, given);
    expect(exempt.mock.calls[0]![0]).toMatchObject({ cluster: shop.id, subject: database });
  });

  test('asks which one when several are called so, and the answer keeps the rest', async () => {
    const { buttons } = await say(`exempt shop no-allow-all payments/payments-db ${term}`, services([database, twin]));
    expect(Object.values(buttons)).toEqual(
      [database, twin].map((one) => `exempt ${shop.key} no-allow-all ${one} ${term}`),
    );
  });

  test('a pattern is taken as it is, and what is not there today is said', async () => {
    const { exempt, given } = exempting();
    await say(`exempt shop no-allow-all workload/payments/* ${term}`, given);
    expect(exempt.mock.calls[0]![0]).toMatchObject({ subject: 'workload/payments/*' });
    const { texts } = await say(`exempt shop no-allow-all namespace/nosuch ${term}`, given);
    expect(texts).toContain('It matches nothing today: no-allow-all judges nothing called “namespace/nosuch” on shop.');
  });
});

describe('ack', () => {
  const alert = (id: string, subject: string) =>
    alertView({ id, event: alertEvent({ subject, topic: `title of ${id}` }) });
  const acknowledging = (...subjects: readonly string[]) => {
    const acknowledge = vi.fn<AlertService['acknowledge']>(async () => 'acknowledged');
    const alerts = async () => subjects.map((subject, index) => alert(`alert${index}`, subject));
    return { acknowledge, given: services([], { acknowledge, alerts }) };
  };

  test.each(ways)('%s', async (way) => {
    const { acknowledge, given } = acknowledging('namespace/web', database);
    const { texts } = await say(`ack ${way} on it`, given);
    expect(acknowledge).toHaveBeenCalledWith('alert1', 'Robin', 'on it');
    expect(texts[0]).toBe('“Robin” acknowledged: title of alert1');
  });

  test('asks which alert when several are about what is called so, and the answer keeps the comment', async () => {
    const { acknowledge, given } = acknowledging(database, twin);
    const { texts, buttons } = await say('ack payments/payments-db on it', given);
    expect(texts).toEqual([
      '2 open alerts are about “payments/payments-db”',
      'alert0: title of alert0',
      'alert1: title of alert1',
    ]);
    expect(Object.values(buttons)).toEqual(['ack alert0 on it', 'ack alert1 on it']);
    expect(acknowledge).not.toHaveBeenCalled();
  });

  test('unack takes the same names', async () => {
    const unacknowledge = vi.fn<AlertService['unacknowledge']>(async () => 'done');
    await say(
      'unack payments/payments-db',
      services([], { unacknowledge, alerts: async () => [alert('alert7', database)] }),
    );
    expect(unacknowledge).toHaveBeenCalledWith('alert7', 'Robin');
  });
});
