// What Azure gives only so often: its answers are kept, and no turn is given twice, whoever asks at the same time.
import { describe, expect, test } from 'vitest';
import type { ManagedNamespace } from '../../shared/model/cluster.ts';
import { createRations, keepAnswer, listAnswered, recallAnswer, reserveTurns } from '../../shared/store/rations.ts';
import { collect } from '../../shared/app/collect.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { sampleCluster } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const LATER = new Date('2026-11-21T11:00:00Z');
const shop = sampleCluster('6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01', 'shop');
const team = (name: string): ManagedNamespace => ({ name, ingress: 'denyall' });

describe.each([
  ['in memory', () => memoryTables().Fleet],
  ['in the emulator', () => emulatorTables().Fleet],
])('%s', (_where, open) => {
  test('an answer is there with its age, and the address of a cluster until it is forgotten', async () => {
    const table = open();
    const rations = createRations(table, () => NOW);
    const address = { server: 'https://shop.example:443', ca: 'PEM' };
    await rations.keepAddress(shop, address);
    await keepAnswer(table, shop, 'namespaces', [team('a')], LATER);
    expect(await rations.address(shop)).toEqual({ ...address, since: NOW });
    expect(await recallAnswer(table, shop, 'namespaces')).toEqual({ answer: [team('a')], at: LATER });
    await rations.forgetAddress(shop);
    await rations.forgetAddress(shop);
    expect(await rations.address(shop)).toBeUndefined();
  });

  test('an answer that is the same as a fresh one is not written again', async () => {
    const table = open();
    await keepAnswer(table, shop, 'namespaces', [team('a')], NOW);
    const [kept] = await collect(listAnswered(table, shop.subscriptionId));
    await keepAnswer(table, shop, 'namespaces', [team('a')], LATER, kept!.digest);
    expect((await recallAnswer(table, shop, 'namespaces'))?.at).toEqual(NOW);
    await keepAnswer(table, shop, 'namespaces', [team('b')], LATER, kept!.digest);
    expect(await recallAnswer(table, shop, 'namespaces')).toEqual({ answer: [team('b')], at: LATER });
  });

  test('an answer that no row holds is not kept, and an older one does not stay in its place', async () => {
    const table = open();
    await keepAnswer(table, shop, 'namespaces', [team('a')], NOW);
    const noise = Array.from({ length: 60_000 }, (_, i) => team(`${i}-${Math.sin(i)}-${Math.cos(i)}`));
    await keepAnswer(table, shop, 'namespaces', noise, LATER);
    expect(await recallAnswer(table, shop, 'namespaces')).toBeUndefined();
  });

  test('many who ask at once get a turn each, and regions have turns of their own', async () => {
    const table = open();
    const wish = { calls: 20, until: Number.POSITIVE_INFINITY };
    const ask = async (location: string) => reserveTurns(table, { ...shop, location }, [wish], NOW);
    const starts = (await Promise.all(Array.from({ length: 6 }, () => ask('westeurope')))).flat();
    const waits = starts.map((start) => start!.getTime() - NOW.getTime()).toSorted((a, b) => a - b);
    expect(waits).toEqual([0, 0, 11_000, 33_000, 55_000, 77_000]);
    expect(await ask('northeurope')).toEqual([NOW]);
  });

  test('a region that nobody would name so is a key all the same', async () => {
    expect(
      await reserveTurns(open(), { ...shop, location: 'a/b#?' }, [{ calls: 1, until: NOW.getTime() }], NOW),
    ).toEqual([NOW]);
  });
});
