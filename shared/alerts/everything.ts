// A silence or an exemption that leaves nothing out: whoever wants it says so twice, and every conversation hears of it.
import type { ExemptionEntry, NewExemption } from '../model/exemption.ts';
import { driftKinds } from '../model/result.ts';
import { severities } from '../model/verdict.ts';
import type { AlertEvent } from './alert.ts';
import type { Refusal, Silence } from './alert-service.ts';
import type { Matcher } from './matchers.ts';
import { matchesAll } from './matchers.ts';

/** Said by whoever means everything. */
export interface Confirmed {
  readonly confirm?: boolean | undefined;
}

const nobody = { scanId: '', at: '', resourceGroup: '', tags: {}, title: '', detail: '' };
/** Of a cluster and a rule that nobody has heard of. */
const UNHEARD_OF = '\u0000';

/** @returns true for what would mute a cluster, a rule and an object that nobody has heard of, whatever happens to them */
export function silencesEverything(matchers: readonly Matcher[]): boolean {
  const event = {
    ...nobody,
    id: UNHEARD_OF,
    subscriptionId: UNHEARD_OF,
    clusterId: UNHEARD_OF,
    clusterName: UNHEARD_OF,
    resourceGroup: UNHEARD_OF,
    rule: UNHEARD_OF,
    subject: `namespace/${UNHEARD_OF}`,
  };
  return severities.every((severity) => driftKinds.every((kind) => matchesAll(matchers, { ...event, severity, kind })));
}

const isAnything = (pattern: string): boolean => /^\s*\*+\s*$/.test(pattern);

/** @returns true for what accepts every failure of every cluster */
export const exemptsEverything = ({
  cluster,
  rule,
  subject = '*',
}: Pick<NewExemption, 'cluster' | 'rule' | 'subject'>) => [cluster, rule, subject].every(isAnything);

/** @returns the answer to whoever did not say that they mean everything */
export const unconfirmed = (what: 'silence' | 'exemption'): Refusal => ({
  problems: [`confirm: This ${what} leaves nothing out: it must be asked for with confirm.`],
  unconfirmed: true,
});

/** @returns what every conversation is told when everything is silenced */
export const everythingSilenced = ({ id, createdBy, comment, startsAt, endsAt, matchers }: Silence): AlertEvent => ({
  ...announced('everything-silenced', id, startsAt),
  title: `${createdBy} silenced everything`,
  detail: `Nothing that ${matchers.join(' ')} matches is told from ${startsAt} until ${endsAt}, because: ${comment}`,
  remediation: `To end it now, type: unsilence ${id}`,
});

/** @returns what every conversation is told when every failure is accepted */
export const everythingExempted = ({
  id,
  createdBy,
  createdAt,
  owner,
  reason,
  expires,
}: ExemptionEntry): AlertEvent => ({
  ...announced('everything-exempted', id, createdAt),
  title: `${createdBy} accepted every failure of every cluster`,
  detail: `No failure counts until ${expires}. Owned by ${owner}, because: ${reason}`,
  remediation: `To end it now, type: unexempt ${id}`,
});

const announced = (kind: 'everything-silenced' | 'everything-exempted', id: string, at: string) => ({
  ...nobody,
  id: `${kind}|${id}`,
  kind,
  at,
  subscriptionId: '',
  clusterId: '',
  clusterName: '',
  severity: 'high' as const,
});
