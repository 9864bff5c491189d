// The sentence by which a tag or an annotation exempts.
import { endOf, parseWhen } from '../../model/moment.ts';

/**
 * `RULE[,RULE...][@NAMESPACE] until YYYY-MM-DD by OWNER because REASON`; several are separated by `;`. `*` in a rule stands for any text.
 * An Azure tag value holds at most 256 characters, and allows every character of this.
 */
const SENTENCE = /^(\S+)\s+until\s+(\S+)\s+by\s+(\S.*?)\s+because\s+(\S[^]*)$/i;
const SHAPE = 'RULE until YYYY-MM-DD by OWNER because REASON';

const MAX_SENTENCES = 50;
const MAX_CHARS = 1_000;

export interface ExemptionText {
  /** Patterns of rule ids. */
  readonly rules: readonly string[];
  readonly namespace?: string;
  readonly owner: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly expires: string;
}

/**
 * @param zone where days end
 * @returns an exemption or what is wrong with it, for each sentence; never throws
 */
export function parseExemptionText(
  text: string,
  zone: string,
): readonly (ExemptionText | { readonly problem: string })[] {
  const sentences = text.split(';').map((part) => part.trim());
  const spoken = sentences.filter((part) => part !== '');
  if (spoken.length === 0) return [{ problem: `It is empty; ${SHAPE} is expected.` }];
  if (spoken.length > MAX_SENTENCES)
    return [{ problem: `It has ${spoken.length} parts; at most ${MAX_SENTENCES} are read.` }];
  return spoken.map((sentence) => parseSentence(sentence, zone));
}

function parseSentence(sentence: string, zone: string): ExemptionText | { readonly problem: string } {
  const quoted = `“${sentence.slice(0, 60)}${sentence.length > 60 ? '…' : ''}”`;
  const match = SENTENCE.exec(sentence.slice(0, MAX_CHARS + 1));
  if (!match || sentence.length > MAX_CHARS) return { problem: `${quoted} is not of the form ${SHAPE}.` };
  const [, what, until, owner, reason] = match as unknown as [string, string, string, string, string];
  const at = what.lastIndexOf('@');
  const namespace = at === -1 ? undefined : what.slice(at + 1);
  const rules = (at === -1 ? what : what.slice(0, at)).toLowerCase().split(',');
  const strange = rules.find((rule) => !/^[a-z0-9*-]+$/.test(rule));
  if (strange !== undefined) return { problem: `${quoted}: “${strange}” is not a rule id.` };
  if (namespace === '') return { problem: `${quoted}: the namespace behind @ is missing.` };
  const end = parseWhen(until);
  if (!end) return { problem: `${quoted}: “${until}” is not a date like 2027-03-31.` };
  return {
    rules,
    ...(namespace === undefined ? {} : { namespace }),
    owner,
    reason,
    expires: endOf(end, zone).toISOString(),
  };
}
