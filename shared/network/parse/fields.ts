// Fields that no API has: nearly always a typo, which kubectl refuses and other clients drop without a word.
import { nearest } from '../../nearest.ts';
import type { ObjectProblem, PolicyRef } from '../objects.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isObject, shown } from './raw.ts';

/** What an object may hold; lists are of what stands here for one item. */
export type Shape = 'anything' | { readonly [field: string]: Shape };

/** One object says no more of itself than this. */
const MAX_NOTES = 5;
const MAX_TYPOS = 2;
const MAX_FIELD_CHARS = 80;

/**
 * Looks for fields that are not in a shape. One that nobody could mistake may be of a newer API: it is told, and the
 * object judged without it, as a server that does not know it would store it.
 * @returns what is told of the object @throws ObjectError for a field that is a typo away from one that it may have
 */
export function strayFields(ref: PolicyRef, raw: Raw, shape: Shape): readonly ObjectProblem[] {
  const notes: ObjectProblem[] = [];
  // A list may repeat a field a hundred thousand times: what it could be a typo of is looked up once.
  const looked = new Map<Shape, Set<string>>();
  const tell = (shape: Shape & object, field: string, path: string): void => {
    const before = looked.get(shape) ?? new Set();
    looked.set(shape, before);
    const meant = before.has(field) ? undefined : meantBy(field, shape);
    if (meant !== undefined) throw new ObjectError(path, `is not a field: did you mean ${meant}?`);
    before.add(field);
    if (notes.length < MAX_NOTES)
      notes.push({
        ref,
        path,
        message: 'is not a field that this version of Bulkhead knows: the object is judged without it',
      });
  };
  walk(raw, shape, '', tell);
  return notes;
}

type Tell = (shape: Shape & object, field: string, path: string) => void;

function walk(value: unknown, shape: Shape, path: string, tell: Tell): void {
  if (shape === 'anything') return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, shape, `${path}[${i}]`, tell);
  if (!isObject(value)) return;
  for (const field in value) {
    const place = `${path}${path === '' ? '' : '.'}${field.slice(0, MAX_FIELD_CHARS)}`;
    if (Object.hasOwn(shape, field)) walk(value[field], shape[field]!, place, tell);
    else tell(shape, field, place);
  }
}

/** @returns the field that somebody probably meant, if it is a typo away */
function meantBy(field: string, shape: Shape & object): string | undefined {
  const typos = Math.min(MAX_TYPOS, Math.floor(field.length / 2));
  return nearest(Object.keys(shape), field, (known) => known, typos)[0];
}

/** @returns what is told of labels that are not texts, which the API server would not take: of an object's own and of its template's */
export function labelNotes(ref: PolicyRef, raw: Raw): readonly ObjectProblem[] {
  const notes: ObjectProblem[] = [];
  for (const [owner, path] of labelled(raw)) {
    const metadata = owner['metadata'];
    const labels = isObject(metadata) ? metadata['labels'] : undefined;
    if (!isObject(labels)) continue;
    for (const key in labels) {
      if (typeof labels[key] === 'string' || notes.length >= MAX_NOTES) continue;
      const message = `${shown(labels[key])} is not a string: write it in quotes. The object is judged without this label`;
      notes.push({ ref, path: `${path}metadata.labels.${key.slice(0, MAX_FIELD_CHARS)}`, message });
    }
  }
  return notes;
}

/** An object, and the template of a workload that it holds, with the path of each. */
function labelled(raw: Raw): readonly (readonly [Raw, string])[] {
  const inside = (owner: Raw, path: string): readonly (readonly [Raw, string])[] => {
    const spec = owner['spec'];
    if (!isObject(spec)) return [];
    if (isObject(spec['jobTemplate'])) return inside(spec['jobTemplate'], `${path}spec.jobTemplate.`);
    return isObject(spec['template']) ? [[spec['template'], `${path}spec.template.`]] : [];
  };
  return [[raw, ''], ...inside(raw, '')];
}
