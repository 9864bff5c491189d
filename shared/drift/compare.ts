// Two results of one cluster in, the changes worth telling out.
import type { Finding } from '../model/finding.ts';
import { clusterSubject, findingKey } from '../model/finding.ts';
import type { DriftEvent, DriftKind, Result } from '../model/result.ts';
import type { Engine, Severity, UnknownReason } from '../model/verdict.ts';
import { severityRank } from '../model/verdict.ts';
import { ruleThatTells } from '../rules/index.ts';
import { settled, settledEngine } from './carry.ts';
import { tellReach } from './reach.ts';

export interface DriftContext {
  readonly scanId: string;
  /** RFC 3339. */
  readonly at: string;
  /** The cluster belongs to the first sight of its subscription: what is there is a baseline, not news. */
  readonly baseline: boolean;
}

/** Reasons that somebody chose or that pass by themselves: losing sight for one of them is no news of its own. */
const EXPECTED: readonly UnknownReason[] = ['stopped', 'disabled'];

/**
 * @param previous the result stored before; undefined at first sight
 * @param current the result to store, after carryForward
 * @returns drift events in a fixed order; each id is the same whenever the same change is computed
 */
export function compareResults(
  previous: Result | undefined,
  current: Result,
  context: DriftContext,
): readonly DriftEvent[] {
  const make = eventMaker(current, context);
  if (current.gone) return previous && !previous.gone ? [make('cluster-gone', 'medium', gone(current))] : [];
  if (!previous || previous.gone)
    return context.baseline ? [] : [make('cluster-appeared', worst(current), appeared(current))];
  const visibility = compareVisibility(previous, current, make);
  if (current.midOperation) return visibility;
  return [
    ...compareEngine(previous, current, make),
    ...compareReaches(previous, current, make),
    ...compareFindingsOf(previous, current, make),
    ...visibility,
  ];
}

interface Telling {
  readonly title: string;
  readonly detail: string;
  readonly remediation?: string | undefined;
  readonly rule?: string;
  readonly subject?: string;
}
type Make = (kind: DriftKind, severity: Severity, telling: Telling) => DriftEvent;

function eventMaker(current: Result, context: DriftContext): Make {
  return (kind, severity, { remediation, ...telling }) => ({
    id: [context.scanId, current.clusterId, kind, telling.rule ?? '', telling.subject ?? ''].join('|'),
    kind,
    scanId: context.scanId,
    at: context.at,
    subscriptionId: current.subscriptionId,
    clusterId: current.clusterId,
    clusterName: current.name,
    resourceGroup: current.resourceGroup,
    tags: current.tags,
    severity,
    ...telling,
    ...(remediation === undefined ? {} : { remediation }),
  });
}

function compareReaches(previous: Result, current: Result, make: Make): DriftEvent[] {
  if (!previous.reach || !current.reach || previous.engine !== current.engine) return [];
  const tellings = tellReach(previous.reach, current.reach, current.name);
  return tellings.map(({ severity, ...telling }) => make('reach-changed', severity, telling));
}

function compareEngine(previous: Result, current: Result, make: Make): DriftEvent[] {
  const before = settledEngine(previous);
  if (!before || current.unreadable || current.engineUnread) return [];
  const events: DriftEvent[] = [];
  if (before.engine !== current.engine) {
    const cause = current.findings.find((f) => f.rule === ruleThatTells('engine').id);
    events.push(
      make('engine-changed', engineSeverity(before.engine, current.engine), {
        title: engineTitle(before.engine, current.engine, current.name),
        detail: `The network-policy engine was ${before.engine} and is ${current.engine}.`,
        remediation: current.engine === 'none' ? cause?.remediation : undefined,
      }),
    );
  }
  if (before.plugin !== current.plugin)
    events.push(
      make('plugin-changed', 'medium', {
        title: `The network plugin of ${current.name} changed`,
        detail: `The network plugin was ${before.plugin || 'not set'} and is ${current.plugin || 'not set'}.`,
      }),
    );
  return events;
}

function engineSeverity(before: Engine, now: Engine): Severity {
  if (now === 'none') return 'high';
  return before === 'none' ? 'info' : 'medium';
}

function engineTitle(before: Engine, now: Engine, name: string): string {
  if (now === 'none') return `Network policy was switched off on ${name}`;
  if (before === 'none') return `Network policy was switched on with ${now} on ${name}`;
  return `The network-policy engine of ${name} changed from ${before} to ${now}`;
}

function compareFindingsOf(previous: Result, current: Result, make: Make): DriftEvent[] {
  const before = new Map(previous.findings.map((finding) => [findingKey(finding), finding]));
  const rulesBefore = new Set(previous.findings.map((finding) => finding.rule));
  const events = current.findings.flatMap((finding) => {
    const old = before.get(findingKey(finding));
    before.delete(findingKey(finding));
    // A rule that was not there before has no past to compare with: its first findings are a baseline.
    if (!rulesBefore.has(finding.rule)) return [];
    return compareFinding(old && settled(old, previous), finding, current, make);
  });
  for (const [, old] of before) {
    if (settled(old, previous)?.verdict !== 'fail') continue;
    events.push(
      make('resolved', old.severity, {
        rule: old.rule,
        subject: old.subject,
        title: `${old.rule} is resolved on ${placeOf(old, current)}`,
        detail: `${old.subject} is no longer there.`,
      }),
    );
  }
  return events;
}

function compareFinding(
  old: NonNullable<Finding['last']> | undefined,
  finding: Finding,
  current: Result,
  make: Make,
): DriftEvent[] {
  const { rule, subject, severity, message, remediation, verdict } = finding;
  const about = { rule, subject, detail: message };
  const place = placeOf(finding, current);
  if (verdict === 'fail') {
    if (old?.verdict === 'exempt')
      return [
        make('exemption-expired', severity, {
          ...about,
          remediation,
          title: `The exemption from ${rule} on ${place} has ended`,
        }),
      ];
    if (old?.verdict !== 'fail')
      return [make('new-failure', severity, { ...about, remediation, title: `${rule} fails on ${place}` })];
    if (severityRank(severity) < severityRank(old.severity))
      return [
        make('new-failure', severity, { ...about, remediation, title: `${rule} became ${severity} on ${place}` }),
      ];
  }
  if ((verdict === 'pass' || verdict === 'notApplicable' || verdict === 'exempt') && old?.verdict === 'fail')
    return [
      make('resolved', old.severity, {
        ...about,
        title: `${rule} ${clearedWords[verdict]} ${place}`,
      }),
    ];
  return [];
}

/** How a failure ceased to be one; a rule that applies no more was not mended. */
const clearedWords = {
  pass: 'is resolved on',
  notApplicable: 'no longer applies to',
  exempt: 'is exempted on',
} as const;

function compareVisibility(previous: Result, current: Result, make: Make): DriftEvent[] {
  const before = blindness(previous);
  const now = blindness(current);
  const darker = now !== undefined && (before === undefined || now.depth > before.depth);
  const lighter = before !== undefined && (now === undefined || now.depth < before.depth);
  if (darker && !EXPECTED.includes(now.reason))
    return [
      make('visibility-lost', 'medium', {
        title: `Bulkhead can no longer look ${now.depth === 2 ? 'at' : 'into'} ${current.name}`,
        detail: `${now.message} (${now.reason})`,
        remediation: now.remediation,
      }),
    ];
  if (lighter && !EXPECTED.includes(before.reason))
    return [
      make('visibility-regained', 'info', {
        title: `Bulkhead can look ${before.depth === 2 ? 'at' : 'into'} ${current.name} again`,
        detail: `It could not because: ${before.message}`,
      }),
    ];
  return [];
}

export interface Blindness {
  /** 1: the cluster is seen, its inside is not. 2: not even its ARM body. */
  readonly depth: 1 | 2;
  readonly reason: UnknownReason;
  readonly message: string;
  readonly remediation?: string | undefined;
}

/** @returns why a result says little or nothing; undefined when everything could be looked at */
export function blindness(result: Result): Blindness | undefined {
  if (result.unreadable) return { depth: 2, ...result.unreadable };
  const { id } = ruleThatTells('visibility');
  const finding = result.findings.find((f) => f.rule === id && f.verdict === 'unknown');
  if (!finding) return undefined;
  return { depth: 1, reason: finding.reason ?? 'error', message: finding.message, remediation: finding.remediation };
}

const placeOf = (finding: Finding, result: Result): string =>
  finding.subject === clusterSubject
    ? result.name
    : `${finding.subject.slice(finding.subject.indexOf('/') + 1)} in ${result.name}`;

function worst(result: Result): Severity {
  const failing = result.findings.filter((f) => f.verdict === 'fail').map((f) => f.severity);
  return failing.toSorted((a, b) => severityRank(a) - severityRank(b))[0] ?? 'info';
}

function gone(current: Result): Telling {
  return { title: `${current.name} no longer exists`, detail: 'Azure answers 404 for it.' };
}

function appeared(current: Result): Telling {
  const failing = new Set(current.findings.filter((f) => f.verdict === 'fail').map((f) => f.rule));
  return {
    title: `${current.name} is new in the estate`,
    detail: failing.size === 0 ? `Its verdict is ${current.verdict}.` : `It fails ${[...failing].join(', ')}.`,
  };
}
