// The field and label selectors of list requests, in the forms that clients send.
import type { KubeObject } from './object.ts';
import { fieldsOf, isFields } from './object.ts';

type Term = (object: KubeObject) => boolean;

/** As the API server allows for pods and for everything else. */
const FIELDS = /^(metadata\.(name|namespace)|status\.phase|spec\.nodeName|status\.podIP)$/;

/** @returns a predicate; undefined for a selector that is not understood */
export function fieldSelector(text: string): Term | undefined {
  return allOf(text, (term) => {
    const parts = /^([\w.]+)(==|!=|=)(.*)$/.exec(term);
    const [, path = '', operator, wanted] = parts ?? [];
    if (!FIELDS.test(path)) return undefined;
    return (object) => (String(at(object, path)) === wanted) === (operator !== '!=');
  });
}

/** @returns a predicate; undefined for a selector that is not understood, which the set forms are not */
export function labelSelector(text: string): Term | undefined {
  return allOf(text, (term) => {
    const parts = /^(!?)([\w./-]+)\s*(?:(==|!=|=)\s*([\w.-]*))?$/.exec(term.trim());
    if (!parts) return undefined;
    const [, not, key = '', operator, wanted] = parts;
    return ({ metadata }) => {
      const value = fieldsOf({ metadata }, 'metadata')['labels'];
      const label = isFields(value) ? value[key] : undefined;
      if (operator === undefined) return (label !== undefined) === (not === '');
      return (label === wanted) === (operator !== '!=');
    };
  });
}

function allOf(text: string, parse: (term: string) => Term | undefined): Term | undefined {
  if (text === '') return () => true;
  const terms = text.split(',').map(parse);
  return terms.includes(undefined) ? undefined : (object) => terms.every((term) => term!(object));
}

const at = (object: KubeObject, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (isFields(value) ? value[name] : undefined), object) ?? '';
