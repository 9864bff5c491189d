// What each room may import. A wrong arrow fails with the arrow named.
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rooms and packages that a room may import, beside itself. `node:crypto` and the like are listed where a pure room needs one. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'shared/model': ['shared/network', 'node:crypto', 'zod'],
  'shared/network': ['shared/model'],
  'shared/ports.ts': ['shared/model'],
  'shared/rules': ['shared/model', 'shared/network'],
  'shared/audit': ['shared/model', 'shared/rules', 'shared/network'],
  'shared/drift': ['shared/model', 'shared/network'],
  'shared/alerts': [
    'shared/model',
    'shared/ports.ts',
    'shared/rules',
    'shared/drift',
    'shared/store',
    'node:crypto',
    'yaml',
    'zod',
  ],
  'shared/store': [
    'shared/model',
    'shared/ports.ts',
    '@azure/data-tables',
    '@azure/storage-queue',
    '@azure/identity',
    'node:zlib',
    'node:crypto',
  ],
  'shared/estate': [
    'shared/model',
    'shared/network',
    'shared/ports.ts',
    'shared/log.ts',
    '@azure/arm-containerservice',
    '@azure/arm-managementgroups',
    '@azure/arm-resources-subscriptions',
    '@azure/core-rest-pipeline',
    '@azure/identity',
    'undici',
    'yaml',
    'zod',
    'node:stream',
    'node:zlib',
  ],
  'shared/scan': ['shared/model', 'shared/ports.ts', 'shared/audit', 'shared/drift', 'shared/store', 'zod'],
  'shared/teams': [
    'shared/model',
    'shared/ports.ts',
    'shared/log.ts',
    'shared/alerts',
    '@azure/core-rest-pipeline',
    '@microsoft/teams-ai',
    'botbuilder',
    'botframework-connector',
    'zod',
  ],
  'shared/api': [
    'shared/model',
    'shared/network',
    'shared/ports.ts',
    'shared/audit',
    'shared/rules',
    'shared/alerts',
    'prom-client',
    'zod',
    'node:crypto',
  ],
  'shared/log.ts': ['shared/ports.ts'],
  'shared/config.ts': ['zod'],
};

const roomOf = (file: string): string => {
  const [first, second = ''] = file.split('/');
  return first === 'shared' ? `${first}/${second}` : first!;
};

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:^|\s)(?:import|export)\s[^;]*?from '([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2]!,
  );
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return roomOf(normalize(join(dirname(file), specifier)));
  const [scope, name] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : specifier.startsWith('node:') ? specifier : scope!;
}

const sources = globSync('shared/**/*.ts', { cwd: root });
const free = new Set(['shared/app.ts', 'shared/api-services.ts', 'shared/read-routing.ts']);

test('every room imports only what it may', () => {
  const wrong = sources
    .filter((file) => !free.has(file))
    .flatMap((file) => {
      const room = roomOf(file);
      const may = new Set([room, ...(allowed[room] ?? [])]);
      return importsOf(file)
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => !may.has(target))
        .map((target) => `${file} -> ${target}`);
    });
  expect(wrong).toEqual([]);
});

test('every room has its rule', () => {
  const rooms = new Set(sources.filter((file) => !free.has(file)).map(roomOf));
  expect([...rooms].filter((room) => !(room in allowed))).toEqual([]);
});

test('the bot library is imported by its seam alone', () => {
  const importers = sources.filter((file) =>
    importsOf(file).some((s) => /^(botbuilder|botframework|@microsoft\/teams-ai)/.test(s)),
  );
  expect(importers).toEqual(['shared/teams/bot.ts']);
});
