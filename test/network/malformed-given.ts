// Two pods and a policy that are right, and what is said of objects beside them that are not.
import { expect } from 'vitest';
import { compile, connectionsOf, parseObjects } from '../../shared/network/index.ts';
import { refName } from '../../shared/network/objects.ts';

export const np = (spec: unknown, name = 'bad') => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: {},
});
export const rest = [pod('web'), pod('db'), np({ podSelector: { matchLabels: { app: 'db' } } }, 'good')];
const onlyRest = connectionsOf(compile(parseObjects(rest).objects));

/** @returns `OBJECT PATH: MESSAGE` of the problems; what is right beside them must be judged all the same */
export function problemsOf(...raws: unknown[]): readonly string[] {
  const { objects } = parseObjects([...raws, ...rest]);
  expect(connectionsOf(compile(objects))).toEqual(onlyRest);
  return objects.problems.map(({ ref, path, message }) => `${refName(ref)} ${path}: ${message}`);
}
