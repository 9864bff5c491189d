// Both directions of one question: is what nobody allowed denied?
import { closedByDefault } from '../../network/index.ts';
import type { Direction } from '../../network/objects.ts';
import { denyAll, engineFirst } from '../remedies/manifests.ts';
import { listedPolicies } from '../../model/listed.ts';
import type { Judgement, Snapshot } from '../rule.ts';
import { about } from '../rule.ts';
import { namespaceSubject, viewOf } from './view.ts';

/** @returns a finding a namespace: is every pod of it, also one that does not exist yet, closed unless something opens it? */
export function* defaultDeny(snapshot: Snapshot, direction: Direction): Generator<Judgement> {
  const view = viewOf(snapshot);
  for (const namespace of view.namespaces) {
    const { name } = namespace;
    const it = about(namespaceSubject(name));
    const { closed, by, atRunTime } = closedByDefault(view.net, namespace, direction);
    const unsure = view.doubt(name, undefined, direction);
    if (closed) yield it.pass(`A new pod in ${name} is closed for ${direction}, by ${listedPolicies(by)}.`);
    else if (unsure) yield it.unknown(unsure.reason, unsure.message);
    else if (atRunTime)
      yield it.unknown(
        'unrecognised-value',
        `Whether a new pod in ${name} is closed for ${direction} depends on names, requests or groups, which are known only at run time.`,
      );
    else if (view.engine === 'none')
      yield it.fail(`No engine is on, so nothing closes ${name} for ${direction}.`, engineFirst(view));
    else yield it.fail(`A new pod in ${name} is open for ${direction}.`, denyAll(view, name, direction));
  }
}
