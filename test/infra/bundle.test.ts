// The bundle that is deployed: what is loaded on demand is there under the names it is asked for, and the bot works without what was left out.
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../infra/build.ts';
import { bundle, leftOut } from '../../infra/build.ts';
import type { createBot } from '../../shared/teams/bot.ts';
import { notice } from '../../shared/teams/cards/notice.ts';
import { APP, bodyOf, startTeams } from '../support/teams.ts';

/** `{a:t}=await import("../chunks/x.js")`, `import("../chunks/x.js").then(({a:t})=>` and `(await import("../chunks/x.js")).default`. */
const AWAITED = /\{([^{}]+)\}=await import\("(\.[^"]+)"\)/g;
const THEN = /import\("(\.[^"]+)"\)\.then\(\(\{([^{}]+)\}\)/g;
const MEMBER = /\(await import\("(\.[^"]+)"\)\)\.(\w+)/g;

interface Asked {
  readonly chunk: string;
  readonly names: readonly string[];
}

function askedBy(file: string): Asked[] {
  const text = readFileSync(file, 'utf8');
  const asked = (path: string, names: string): Asked => ({
    chunk: join(dirname(file), path),
    names: names.split(',').map((name) => name.split(':')[0]!.trim()),
  });
  return [
    ...[...text.matchAll(AWAITED)].map(([, names, path]) => asked(path!, names!)),
    ...[...text.matchAll(MEMBER)].map(([, path, name]) => asked(path!, name!)),
    ...[...text.matchAll(THEN)].map(([, path, names]) => asked(path!, names!)),
  ];
}

/** What esbuild writes at the end of a chunk: `export{a as createBot};` or `export default a();`. */
function exportsOf(chunk: string): Set<string> {
  const text = readFileSync(chunk, 'utf8');
  const lists = [...text.matchAll(/\bexport\{([^{}]+)\}/g)].flatMap(([, list]) => list!.split(','));
  const names = lists.map((item) => item.split(' as ').at(-1)!.trim());
  return new Set(/\bexport default\b/.test(text) ? [...names, 'default'] : names);
}

let outdir: string;
let bundled: Bundle;
beforeAll(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'bulkhead-bundle-'));
  bundled = await bundle(outdir);
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

// A library in CommonJS has only its default export once it is bundled, whatever names Node finds in it unbundled.
test('every chunk that is loaded on demand exports what it is asked for', () => {
  const asked = globSync('**/*.js', { cwd: outdir }).flatMap((file) => askedBy(join(outdir, file)));
  expect(asked.length).toBeGreaterThan(3);
  const missing = asked.flatMap(({ chunk, names }) => {
    const exported = exportsOf(chunk);
    return names.filter((name) => !exported.has(name)).map((name) => `${name} of ${basename(chunk)}`);
  });
  expect(missing).toEqual([]);
});

describe('the bot in the bundle', () => {
  const chunkOf = (): string => join(outdir, globSync('chunks/bot-*.js', { cwd: outdir })[0]!);
  // Node's own loader, as in Azure.
  const load = (): { createBot: typeof createBot } =>
    createRequire(import.meta.url)(chunkOf()) as { createBot: typeof createBot };

  test('is without what it never calls', () => {
    const packages = new Set(bundled.sources.map((source) => source.split('node_modules/').at(-1)));
    const never =
      /^(openai|axios|botbuilder-dialogs|@microsoft\/recognizers|adaptive-expressions|restify|botframework-streaming|whatwg-url|tr46|mime-db|globalize|htmlparser2|fs-extra)/;
    expect([...packages].filter((source) => never.test(source!))).toEqual([]);
    expect(statSync(chunkOf()).size).toBeLessThan(800_000);
  });

  test('leaves out nothing that nobody asks for any more', () => {
    const asked = bundled.sources.filter((source) => source.startsWith('left-out:'));
    expect(asked.toSorted()).toEqual(
      Object.keys(leftOut)
        .map((name) => `left-out:${name}`)
        .toSorted(),
    );
  });

  test('answers a message, posts a card and updates it, as its managed identity', async () => {
    const teams = await startTeams();
    try {
      const bot = load().createBot(teams.botOptions);
      const { authority, connector, identity } = teams;
      const say = (token: string) =>
        bot.handle({ authorization: `Bearer ${token}`, body: bodyOf(JSON.stringify(teams.activity())) });
      expect(await say(authority.token(teams.claims()))).toEqual({ status: 200 });
      expect(await say(authority.token(teams.claims(), { key: 'foreign' }))).toEqual({ status: 401 });
      expect(await bot.chat.post(teams.address(), notice('hello'))).toEqual({
        status: 'sent',
        activityId: 'activity-2',
      });
      expect(await bot.chat.update(teams.address(), 'activity-2', notice('bye'))).toMatchObject({ status: 'sent' });
      connector.refusals.push({ status: 429, headers: { 'retry-after': '45' } });
      expect(await bot.chat.post(teams.address(), notice('busy'))).toMatchObject({ afterSeconds: 45 });
      expect(connector.posted).toMatchObject([
        { method: 'POST', activity: { summary: 'Bulkhead watches the network policy of your AKS clusters' } },
        { method: 'POST', activity: { summary: 'hello' } },
        { method: 'PUT', activity: { summary: 'bye' } },
      ]);
      expect(new Set(connector.posted.map(({ authorization }) => authorization))).toEqual(
        new Set([`Bearer ${identity.token}`]),
      );
      expect(identity.asked.map(({ clientId }) => clientId)).toContain(APP);
    } finally {
      await teams.close();
    }
  });

  test('answers without tokens on this machine', async () => {
    const teams = await startTeams();
    try {
      const bot = load().createBot({ ...teams.botOptions, appId: '', anonymous: true });
      const body = bodyOf(JSON.stringify(teams.activity({ channelId: 'emulator' })));
      expect(await bot.handle({ body })).toEqual({ status: 200 });
      expect(teams.connector.posted).toMatchObject([{ authorization: '' }]);
    } finally {
      await teams.close();
    }
  });
});

test('on an older Node every door refuses to open, with the same sentence', () => {
  const older = `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
  )}`;
  const open = `Promise.allSettled(${JSON.stringify(bundled.entries.map((entry) => pathToFileURL(join(outdir, 'functions', basename(entry)))))}.map((url) => import(url)))
    .then((all) => console.log(JSON.stringify(all.map(({ reason }) => String(reason?.message)))))`;
  const said = execFileSync(process.execPath, ['--import', older, '--eval', open], { encoding: 'utf8' });
  const sentences = JSON.parse(said) as string[];
  expect(sentences).toHaveLength(bundled.entries.length);
  expect([...new Set(sentences)]).toEqual([
    'Bulkhead needs Node 22.19 or later, and this is Node 20.20.2: choose Node 22 or later for the function app.',
  ]);
});
