// A silence or an exemption that is asked for several times under one name is made once, even when all ask at the same time.
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../shared/app/app.ts';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import { memoryTables } from '../support/memory-tables.ts';

let app: App;
let now: Date;

beforeEach(() => {
  now = new Date('2026-11-21T10:10:00Z');
  app = createApp(readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }), {
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tables: memoryTables(),
    queue: memoryQueue(() => undefined),
  });
});

const acts = {
  silence: {
    make: (by: string, once?: string) =>
      app.alerts.silence(
        { matchers: ['cluster=shop'], endsAt: new Date('2026-11-22T10:00:00Z'), comment: 'from the card' },
        by,
        once,
      ),
    kept: async () => [...(await app.alerts.silences()), ...(await app.alerts.endedSilences())],
    end: (id: string) => app.alerts.unsilence(id, 'Kim'),
  },
  exemption: {
    make: (by: string, once?: string) =>
      app.alerts.exempt(
        { cluster: 'shop', rule: 'no-allow-all', owner: by, reason: 'a lab', expires: '2026-12-01T00:00:00.000Z' },
        by,
        once,
      ),
    kept: () => app.alerts.exemptions(),
    end: (id: string) => app.alerts.unexempt(id, 'Kim'),
  },
};

describe.each(Object.entries(acts))('a %s', (_name, { make, kept, end }) => {
  test('asked for five times at once under one name is made once, and four are told of the first', async () => {
    const made = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((by) => make(by, 'the button')));
    const all = await kept();
    expect(all).toHaveLength(1);
    const again = made.filter((one) => 'again' in one);
    expect(again).toHaveLength(4);
    for (const one of again) expect(one).toEqual({ ...all[0], again: true });
  });

  test('asked for later under the same name is still not made again, also when the first has ended', async () => {
    const first = await make('Robin', 'the button');
    now = new Date('2026-11-21T12:00:00Z');
    expect(await make('Kim', 'the button')).toEqual({ ...first, again: true });
    if (!('id' in first)) throw new Error('it was refused');
    await end(first.id);
    now = new Date('2026-11-21T13:00:00Z');
    expect(await make('Kim', 'the button')).toMatchObject({ id: first.id, again: true, ended: { by: 'Kim' } });
    expect(await kept()).toHaveLength(1);
  });

  test('asked for under another name, or under none, is made each time', async () => {
    for (const once of ['one', 'two', undefined, undefined])
      expect(await make('Robin', once)).not.toHaveProperty('again');
    expect(await kept()).toHaveLength(4);
  });
});
