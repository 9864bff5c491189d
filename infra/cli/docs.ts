// Writes what is generated from the code: README's tables, local.settings.sample.json, the rules reference. `--check` only compares.
// Either way it fails when a page for people names a file or a command that is not there.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { z } from 'zod';
import { routes } from '../../shared/api/index.ts';
import type { Route } from '../../shared/api/route.ts';
import type { Setting } from '../../shared/app/settings.ts';
import { settings } from '../../shared/app/settings.ts';
import { rules } from '../../shared/rules/index.ts';
import { azureInsideRole, azureRole, clusterRole } from '../../shared/estate/roles.ts';
import { AZURE_FILE, AZURE_INSIDE_FILE, CLUSTER_FILE } from '../../shared/model/reading-roles.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import { severityInWords } from '../../shared/rules/rule.ts';
import { helpOf } from '../../shared/teams/cards/help.ts';
import { commands } from '../../shared/teams/commands/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const all: readonly Setting[] = Object.values(settings);

const code = (text: string): string => `\`${text}\``;

/** @returns a Markdown table; a bar would end its cell, also within code */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map((text) => text.replaceAll('|', '\\|')))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

function settingsTable(): string {
  const rows = all.map(({ name, type, default: standard, help }) => {
    const value = standard === undefined ? 'unset' : standard === '' ? 'empty' : code(standard);
    return [code(name), type, value, help];
  });
  return table(['setting', 'type', 'default', 'what it does'], rows);
}

/** @returns the names that a schema takes; brackets enclose one that may be left out, as in the usage of commands */
function taken(schema: z.ZodObject): string {
  const { required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.keys(schema.shape)
    .map((name) => code(required.includes(name) ? name : `[${name}]`))
    .join(' ');
}

function routesTable(): string {
  const address = ({ method, path }: Route): string => code(`${method} /api/${path.replace('{*', '{')}`);
  const takes = ({ query, body }: Route): string => taken(query) + (taken(body) && `body: ${taken(body)}`);
  const rows = routes.map((route) => [address(route), route.access, takes(route), route.summary]);
  return table(['address', 'who', 'takes', 'what it answers or does'], rows);
}

function commandsTable(): string {
  const group = (title: string, name: (typeof commands)[number]['group']): string =>
    table(
      [title, 'what it does', 'example'],
      commands
        .filter((command) => command.group === name)
        .map((command) => [
          code(command.usage),
          helpOf(command),
          command.example === command.usage ? '' : code(command.example),
        ]),
    );
  return `${group('look', 'look')}\n\n${group('act', 'act')}`;
}

function rolesTable(): string {
  const rows = [
    [
      code(AZURE_FILE),
      'subscriptions, or a management group',
      'what Azure Resource Manager tells of clusters, and the addresses of API servers',
    ],
    [
      code(AZURE_INSIDE_FILE),
      'subscriptions or clusters with Azure RBAC for Kubernetes',
      'what network policy depends on inside',
    ],
    [code(CLUSTER_FILE), 'each cluster that authorises by itself', 'the same'],
  ];
  return table(['role', 'given on', 'lets Bulkhead read'], rows);
}

function readme(): string {
  const sections = { roles: rolesTable, settings: settingsTable, routes: routesTable, commands: commandsTable };
  return Object.entries(sections).reduce(
    (text, [name, make]) => {
      const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
      const [before, rest] = text.split(start);
      const [, after] = rest?.split(end) ?? [];
      if (before === undefined || after === undefined)
        throw new Error(`README.md has lost its marks ${start} and ${end}`);
      return `${before}${start}\n\n${make()}\n\n${end}${after}`;
    },
    readFileSync(join(root, 'README.md'), 'utf8'),
  );
}

function sampleSettings(): string {
  const values = all
    .filter((s) => s.sample !== undefined || s.default !== undefined)
    .map((s) => [s.name, s.sample ?? s.default]);
  const content = { IsEncrypted: false, Values: { FUNCTIONS_WORKER_RUNTIME: 'node', ...Object.fromEntries(values) } };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function ruleSection(rule: Rule): string {
  return [
    `### \`${rule.id}\``,
    '',
    `**${rule.title}.** ${rule.rationale}`,
    '',
    `- judges: each ${rule.subject}`,
    `- severity of a failure: ${severityInWords(rule)}`,
    `- evidence for: ${rule.controls.join('; ')}`,
    `- facts: ${rule.references.map((reference) => `<${reference}>`).join(', ')}`,
  ].join('\n');
}

function rulesReference(): string {
  const plane = (name: Rule['plane']): string[] => rules.filter((rule) => rule.plane === name).map(ruleSection);
  const sections = [
    '# Rules',
    'Generated from the rules themselves by `npm run docs`. Every verdict is `pass`, `fail`, `notApplicable`, `unknown` with a reason, or `exempt`.',
    '## Cluster rules: judged on the ARM body alone',
    ...plane('cluster'),
    '## In-cluster rules: judged on what the API server tells',
    ...plane('in-cluster'),
  ];
  return `${sections.join('\n\n')}\n`;
}

const outputs: Readonly<Record<string, () => string>> = {
  'README.md': readme,
  'local.settings.sample.json': sampleSettings,
  'shared/rules/README.md': rulesReference,
  [AZURE_FILE]: () => `${JSON.stringify(azureRole, null, 2)}\n`,
  [AZURE_INSIDE_FILE]: () => `${JSON.stringify(azureInsideRole, null, 2)}\n`,
  [CLUSTER_FILE]: () => stringify(clusterRole, { aliasDuplicateObjects: false }),
};

/** @returns what a page tells its reader to open or to run, and is not there */
function deadEnds(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const paths = [...text.matchAll(/`((?:\.ci|functions|infra|shared|test)\/[a-z0-9./-]*)`/g)].map(([, path]) => path!);
  const commands = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, script]) => script!);
  return [
    ...paths.filter((path) => !existsSync(join(root, path))),
    ...commands.filter((script) => !(script in scripts)).map((script) => `npm run ${script}`),
  ];
}

/** @returns the rooms that the map leaves out */
const unmapped = (page: string): string[] =>
  globSync('shared/*/', { cwd: root }).filter(
    (room) => !readFileSync(join(root, page), 'utf8').includes(`\`${room}/\``),
  );

const check = process.argv.includes('--check');
const problems: string[] = [];
for (const [file, make] of Object.entries(outputs)) {
  const path = join(root, file);
  const wanted = make();
  if (!check) writeFileSync(path, wanted);
  else if (readFileSync(path, 'utf8') !== wanted)
    problems.push(`${file} is not what the code says: run npm run docs and commit it.`);
}
for (const page of ['README.md', 'CONTRIBUTING.md'])
  for (const what of deadEnds(page)) problems.push(`${page} names ${what}, which is not there.`);
for (const room of unmapped('CONTRIBUTING.md')) problems.push(`CONTRIBUTING.md leaves ${room} out of its map.`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
