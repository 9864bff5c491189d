// How long what is remembered and told of an alert may be, whatever a cluster calls its things: rows and cards hold so many of them.
import type { AlertEvent } from './alert.ts';

/** Far above what Kubernetes and Azure allow as names, and above the sentences that rules write. */
const MAX_CHARS = {
  id: 1_500,
  subscriptionId: 100,
  clusterId: 600,
  clusterName: 200,
  resourceGroup: 200,
  rule: 100,
  subject: 700,
  title: 300,
  topic: 300,
  detail: 1_000,
} as const;
const MAX_REMEDY_CHARS = 4_000;
const MAX_EXEMPTION_CHARS = 300;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export const cutSubject = (subject: string): string => cut(subject, MAX_CHARS.subject);

/** @returns the event with its texts cut to what an alert holds; the same event where all of them are short enough, as they nearly always are */
export function bounded<E extends AlertEvent>(event: E): E {
  const long = (Object.keys(MAX_CHARS) as (keyof typeof MAX_CHARS)[]).filter(
    (field) => (event[field]?.length ?? 0) > MAX_CHARS[field],
  );
  const { remediation, exemption } = event;
  const longRemedy = (remediation?.length ?? 0) > MAX_REMEDY_CHARS;
  const longExemption = exemption && Object.values(exemption).some((text) => text.length > MAX_EXEMPTION_CHARS);
  if (long.length === 0 && !longRemedy && !longExemption) return event;
  return {
    ...event,
    ...Object.fromEntries(long.map((field) => [field, cut(event[field] ?? '', MAX_CHARS[field])])),
    // Half a command does harm.
    ...(longRemedy ? { remediation: 'What to do is too long for an alert: look at the finding itself.' } : {}),
    ...(longExemption
      ? {
          exemption: {
            ...exemption,
            owner: cut(exemption.owner, MAX_EXEMPTION_CHARS),
            reason: cut(exemption.reason, MAX_EXEMPTION_CHARS),
            source: cut(exemption.source, MAX_EXEMPTION_CHARS),
          },
        }
      : {}),
  };
}
