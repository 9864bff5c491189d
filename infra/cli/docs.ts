// Writes what is generated from the code: README's settings table, local.settings.sample.json, the rules reference. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settings } from '../../shared/app/config.ts';
import { rules } from '../../shared/rules/index.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import { severityInWords } from '../../shared/rules/rule.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface SettingDocs {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
  readonly help: string;
  readonly sample?: string;
}
const all = Object.values(settings) as readonly SettingDocs[];

const cell = (text: string): string => text.replaceAll('|', '\\|');

function settingsTable(): string {
  const rows = all.map(({ name, type, default: standard, help }) => {
    const value = standard === undefined ? 'unset' : standard === '' ? 'empty' : `\`${standard}\``;
    return `| \`${name}\` | ${cell(type)} | ${cell(value)} | ${cell(help)} |`;
  });
  return ['| setting | type | default | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n');
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
  const inCluster = plane('in-cluster');
  const sections = [
    '# Rules',
    'Generated from the rules themselves by `npm run docs`. Every verdict is `pass`, `fail`, `notApplicable`, `unknown` with a reason, or `exempt`.',
    '## Cluster rules: judged on the ARM body alone',
    ...plane('cluster'),
    ...(inCluster.length > 0 ? ['## In-cluster rules: judged on what the API server tells', ...inCluster] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function readme(): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [start, end] = ['<!-- settings -->', '<!-- /settings -->'];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to === -1) throw new Error(`README.md has lost its marks ${start} and ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${settingsTable()}\n\n${text.slice(to)}`;
}

const outputs: Readonly<Record<string, () => string>> = {
  'README.md': readme,
  'local.settings.sample.json': sampleSettings,
  'shared/rules/README.md': rulesReference,
};

const check = process.argv.includes('--check');
for (const [file, make] of Object.entries(outputs)) {
  const path = join(root, file);
  const wanted = make();
  if (!check) writeFileSync(path, wanted);
  else if (readFileSync(path, 'utf8') !== wanted) {
    process.stderr.write(`${file} is not what the code says: run npm run docs and commit it.\n`);
    process.exitCode = 1;
  }
}
