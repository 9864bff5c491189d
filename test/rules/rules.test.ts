// Every rule against its fixture, and the catalogue against its own promises.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { auditCluster, runRule } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { InCluster } from '../../shared/model/in-cluster.ts';
import { severities, unknownReasons, verdicts } from '../../shared/model/verdict.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { noObjects } from '../../shared/network/objects.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import { severitiesOf } from '../../shared/rules/rule.ts';
import { ruleThatTells, rules } from '../../shared/rules/index.ts';

const expected = z.strictObject({
  subject: z.string().optional(),
  verdict: z.enum(verdicts),
  severity: z.enum(severities).optional(),
  reason: z.enum(unknownReasons).optional(),
  message: z.string().optional(),
  remediation: z.string().optional(),
});
const common = { name: z.string(), properties: z.record(z.string(), z.unknown()) };
/** A cluster rule's case has one `expect`; an in-cluster rule's has `objects` and all `findings` they must give. */
const caseSchema = z.union([
  z.strictObject({
    ...common,
    now: z.union([z.string(), z.date()]).optional(),
    read: z.boolean().optional(),
    forbiddenKinds: z.array(z.string()).optional(),
    managedNamespaces: z.array(z.unknown()).optional(),
    tags: z.record(z.string(), z.string()).optional(),
    expect: expected,
  }),
  z.strictObject({ ...common, objects: z.array(z.unknown()), findings: z.array(expected) }),
]);
type Case = z.infer<typeof caseSchema>;

const ID =
  '/subscriptions/6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01/resourceGroups/rg-one/providers/Microsoft.ContainerService/managedClusters/one';
const fixture = (rule: string): string => fileURLToPath(new URL(`${rule}.yaml`, import.meta.url));

/** @returns none when there is no fixture: a test of its own says so */
function casesOf(rule: string): readonly Case[] {
  const text = existsSync(fixture(rule)) ? readFileSync(fixture(rule), 'utf8') : '[]';
  const { data, error } = z.array(caseSchema).safeParse(parse(text));
  if (error) throw new Error(`test/rules/${rule}.yaml is not a list of cases.\n${z.prettifyError(error)}`);
  return data;
}

const EXCLUDED = ['kube-system'];
const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));

function judge(rule: string, given: Case) {
  const managed = 'managedNamespaces' in given ? { managedNamespaces: given.managedNamespaces } : {};
  const tags = 'tags' in given ? { tags: given.tags } : {};
  const listed = parseCluster({ id: ID, properties: given.properties, ...managed, ...tags });
  if ('problem' in listed) throw new Error(listed.problem);
  const now = new Date(('now' in given ? given.now : undefined) ?? '2026-11-21T00:00:00Z');
  const inCluster = insideOf(given);
  const snapshot = { cluster: listed.cluster, now, excludedNamespaces: EXCLUDED, ...(inCluster ? { inCluster } : {}) };
  const { findings } = auditCluster(snapshot);
  // Of every rule, whosever fixture it is.
  const undeclared = findings.filter((finding) => !isDeclared(ruleOf.get(finding.rule)!, finding));
  expect(undeclared, 'these findings weigh what their rule does not declare').toEqual([]);
  return findings.filter((finding) => finding.rule === rule);
}

function insideOf(given: Case): InCluster | undefined {
  if ('objects' in given) {
    const { objects } = parseObjects(given.objects);
    expect(objects.problems).toEqual([]);
    return { status: 'read', objects, forbiddenKinds: [] };
  }
  return given.read ? { status: 'read', objects: noObjects, forbiddenKinds: given.forbiddenKinds ?? [] } : undefined;
}

const expectedOf = (given: Case) => ('findings' in given ? given.findings : [given.expect]);

/** What no export or folder can tell weighs nothing, whatever a failure would. */
const isDeclared = (rule: Rule, { verdict, severity }: Pick<Finding, 'verdict' | 'severity'>): boolean =>
  severitiesOf(rule).includes(severity) || (verdict === 'unknown' && severity === 'info');

test('a severity that a rule does not declare is seen', () => {
  const one = { ...rules[0]!, severity: 'low' } as const;
  expect(isDeclared(one, { verdict: 'fail', severity: 'high' })).toBe(false);
  expect(isDeclared(one, { verdict: 'fail', severity: 'info' })).toBe(false);
  const two = { ...rules[0]!, severity: { high: 'ingress', low: 'what only allows' } } as const;
  expect(isDeclared(two, { verdict: 'fail', severity: 'medium' })).toBe(false);
  expect(isDeclared(two, { verdict: 'fail', severity: 'low' })).toBe(true);
});

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const cases = casesOf(id);
  test('has a fixture with a failure and something else', () => {
    expect(existsSync(fixture(id)), `write test/rules/${id}.yaml`).toBe(true);
    const seen = new Set(cases.flatMap((given) => expectedOf(given).map((finding) => finding.verdict)));
    // That Bulkhead cannot look inside is not a failure of the cluster: it is unknown instead.
    expect(seen.has(rule.tells === 'visibility' ? 'unknown' : 'fail')).toBe(true);
    expect(seen.size).toBeGreaterThan(1);
  });

  test('weighs each severity that it declares in its fixture', () => {
    const failures = cases.flatMap((given) => judge(id, given).filter(({ verdict }) => verdict === 'fail'));
    const declared = rule.tells === 'visibility' ? [] : severitiesOf(rule);
    expect(severities.filter((severity) => failures.some((finding) => finding.severity === severity))).toEqual(
      declared,
    );
  });

  test('documents itself in whole sentences', () => {
    expect(rule.rationale).toMatch(/^[A-Za-z].*[.]$/);
    expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
    expect(rule.controls.length).toBeGreaterThan(0);
    expect(rule.references.every((reference) => URL.canParse(reference))).toBe(true);
  });

  test.each(cases.map((given) => [given.name, given] as const))('%s', (_name, given) => {
    const wanted = expectedOf(given);
    const found = judge(id, given);
    expect(found.map((finding) => finding.subject).toSorted()).toEqual(
      wanted.map(({ subject = 'cluster' }) => subject).toSorted(),
    );
    for (const { message = '', remediation = '', ...exact } of wanted) {
      const finding = found.find(({ subject }) => subject === (exact.subject ?? 'cluster'))!;
      expect(finding).toMatchObject(exact);
      expect(finding.message).toContain(message);
      expect(finding.remediation ?? '').toContain(remediation);
      expect(finding.verdict === 'unknown').toBe(finding.reason !== undefined);
      expect(finding.verdict !== 'fail' || Boolean(finding.remediation)).toBe(true);
    }
  });
});

test('a rule that throws is unknown, never silence', () => {
  const listed = parseCluster({ id: ID, properties: {} });
  if ('problem' in listed) throw new Error(listed.problem);
  const broken = {
    ...rules[0]!,
    evaluate: () => {
      throw new Error('boom');
    },
  };
  const snapshot = { cluster: listed.cluster, now: new Date(), excludedNamespaces: [] };
  expect(runRule(broken, snapshot)).toMatchObject([{ rule: broken.id, verdict: 'unknown', reason: 'error' }]);
});

test('what others look up in the findings of a rule, one rule tells', () => {
  expect(rules.flatMap(({ tells = [] }) => tells).toSorted()).toEqual(['engine', 'visibility']);
  expect(ruleThatTells('engine').tells).toBe('engine');
});

test('a rule is named by its id in its own file alone: others take what it declares', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const quoted = new RegExp(String.raw`(['"\`])(${rules.map(({ id }) => id).join('|')})\1`);
  const named = globSync('{shared,functions,infra}/**/*.ts', { cwd: root }).flatMap((file) =>
    readFileSync(root + file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const id = quoted.exec(line)?.[2];
        return id === undefined || basename(file) === `${id}.ts` ? [] : [`${file}: ${line.trim()}`];
      }),
  );
  expect(named).toEqual([]);
});

test('each rule says what fails as the end of a sentence that no other rule has', () => {
  const words = rules.map(({ failing }) => failing);
  expect(words.filter((text) => !/^[a-z].*[^.]$/.test(text))).toEqual([]);
  expect(new Set(words).size).toBe(rules.length);
});
