// What each room may import. A wrong arrow fails with the arrow named.
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Rooms and packages that a room imports, beside itself. Each is needed: one that nobody uses any more fails as well, so that
 * the list stays the drawing of the house. `node:crypto` and the like are listed where a pure room needs one.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // Pure: from objects to verdicts, changes and what is to be told of them.
  'shared/network': ['shared/nearest.ts'],
  'shared/model': ['shared/network', 'node:crypto', 'zod'],
  'shared/rules': ['shared/model', 'shared/network'],
  'shared/audit': ['shared/model', 'shared/rules', 'shared/network'],
  'shared/drift': ['shared/model', 'shared/network', 'shared/rules'],
  'shared/alerts': ['shared/model', 'shared/rules', 'node:crypto', 'yaml', 'zod'],
  'shared/nearest.ts': [],
  'shared/bounded-body.ts': [],
  // What the outside has to offer.
  'shared/ports.ts': ['shared/model'],
  'shared/log.ts': ['shared/ports.ts'],
  'shared/store': [
    'shared/model',
    'shared/ports.ts',
    '@azure/data-tables',
    '@azure/storage-queue',
    '@azure/identity',
    // Every kind of row is declared by its schema.
    'zod',
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
    '@bufbuild/protobuf',
    'undici',
    'yaml',
    'zod',
    'node:stream',
    'node:zlib',
    'node:v8',
  ],
  // The pure step between what is stored and what is stored next.
  'shared/scan': [
    'shared/model',
    'shared/ports.ts',
    // What was thrown is told, without what looks like a secret.
    'shared/log.ts',
    'shared/audit',
    'shared/drift',
    'shared/rules',
    'shared/store',
    'node:vm',
    'zod',
  ],
  'shared/telling': [
    'shared/model',
    'shared/ports.ts',
    'shared/alerts',
    'shared/rules',
    'shared/drift',
    'shared/store',
    'node:crypto',
    'zod',
  ],
  // The doors.
  'shared/teams': [
    'shared/model',
    'shared/nearest.ts',
    'shared/ports.ts',
    'shared/log.ts',
    'shared/bounded-body.ts',
    'shared/alerts',
    '@azure/core-rest-pipeline',
    '@azure/identity',
    '@microsoft/teams-ai',
    'botbuilder',
    'botframework-connector',
    // Tokens are judged before the bot library sees them.
    'jsonwebtoken',
    'node:crypto',
    'zod',
  ],
  'shared/api': [
    'shared/model',
    'shared/network',
    'shared/ports.ts',
    'shared/bounded-body.ts',
    'shared/audit',
    'shared/rules',
    'shared/alerts',
    'prom-client',
    'zod',
    'node:crypto',
  ],
};
/** The composition root puts everything together. */
const ROOT = 'shared/app';

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
const judged = sources.filter((file) => roomOf(file) !== ROOT);

/** `[file, room or package]` for every import that leaves its room. */
const leaving = judged.flatMap((file) =>
  importsOf(file)
    .map((specifier) => [file, targetOf(file, specifier)] as const)
    .filter(([, target]) => target !== roomOf(file)),
);

test('every room imports only what it may', () => {
  const wrong = leaving.filter(([file, target]) => !allowed[roomOf(file)]?.includes(target));
  expect(wrong.map((pair) => pair.join(' -> '))).toEqual([]);
});

test('every arrow that is allowed is needed', () => {
  const used = new Set(leaving.map(([file, target]) => `${roomOf(file)} -> ${target}`));
  const all = Object.entries(allowed).flatMap(([room, targets]) => targets.map((target) => `${room} -> ${target}`));
  expect(all.filter((arrow) => !used.has(arrow))).toEqual([]);
});

test('policies are judged without a look at raw objects: what reads those is asked by the face of the room alone', () => {
  const above = sources.filter((file) => /^shared\/network\/[^/]+$/.test(file) && file !== 'shared/network/index.ts');
  const readers = above.filter((file) => importsOf(file).some((specifier) => specifier.startsWith('./parse/')));
  expect(readers).toEqual([]);
});

test('every room has its rule', () => {
  expect([...new Set(judged.map(roomOf))].filter((room) => !(room in allowed))).toEqual([]);
});

test('rules weigh evidence and give remedies: evidence knows no remedy, facts know neither, and none of them knows a rule', () => {
  const order = ['facts', 'evidence', 'remedies'];
  const known = ['rule.ts', 'subjects.ts'];
  const wrong = globSync('shared/rules/*/*.ts', { cwd: root }).flatMap((file) => {
    const floor = order.indexOf(file.split('/')[2]!);
    return importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => normalize(join(dirname(file), specifier)))
      .filter((target) => target.startsWith('shared/rules/'))
      .filter((target) => {
        const [, , place, inner] = target.split('/');
        if (inner === undefined) return !known.includes(place!);
        return order.includes(place!) && order.indexOf(place!) > floor;
      })
      .map((target) => `${file} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('the bot library is imported in its own folder alone', () => {
  const importers = sources.filter((file) =>
    importsOf(file).some((s) => /^(botbuilder|botframework|@microsoft\/teams-ai)/.test(s)),
  );
  expect(importers.length).toBeGreaterThan(0);
  expect(importers.filter((file) => !file.startsWith('shared/teams/library/'))).toEqual([]);
});
