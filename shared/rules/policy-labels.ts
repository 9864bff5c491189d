// A selector that matches by accident: by a label that only some pods of an application have, or that the next rollout changes.
import type { Direction, Pod } from '../network/objects.ts';
import { matches } from '../network/selectors.ts';
import { isIsolated } from './evidence/isolation.ts';
import { listed } from '../model/listed.ts';
import { editPolicy } from './remedies/manifests.ts';
import { policyObjects } from './evidence/policy-objects.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';

import type { Selecting, SelectingPolicy } from './evidence/selecting.ts';
import { changingLabels } from './facts/generated-labels.ts';
import { isSelecting, labelKeysOf, selectingOf } from './evidence/selecting.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';

export const policyLabels: Rule = {
  id: 'policy-labels',
  title: 'The policy selects by labels that last and that all its pods carry',
  failing: 'selects by labels that will not last or that some of its pods lack',
  rationale:
    'A label that only some pods of an application have, or that changes with each rollout, makes a policy miss pods that it was written for, without a warning.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  since: 3,
  needsEngine: true,
  controls: ['AKS best practice'],
  references: [
    'https://learn.microsoft.com/azure/aks/network-policy-best-practices',
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/',
  ],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const groups = new Map([...membersOf(view)].map(([name, members]) => [name, groupsOf(members)]));
    for (const { subject, policies, idle } of policyObjects(view)) {
      const selecting = policies.filter(isSelecting);
      if (selecting.length === 0) continue;
      if (idle === undefined) yield judge(view, subject, selecting, groups);
      else yield about(subject).notApplicable(`It does nothing: ${idle}.`);
    }
  },
};

interface Member {
  readonly pod: Pod;
  readonly closed: readonly Direction[];
}

/** The pods that policies can govern, by namespace. Without an engine those count as closed that a NetworkPolicy would close. */
function membersOf({ net, engine, objects, judged }: View): ReadonlyMap<string, readonly Member[]> {
  const policiesIn = Map.groupBy(objects.policies, ({ namespace }) => namespace);
  const wouldClose = ({ namespace, labels }: Pod, direction: Direction): boolean =>
    (policiesIn.get(namespace) ?? []).some(
      (policy) => policy[direction] !== undefined && matches(policy.selector, labels),
    );
  const all = net.classes.flatMap(({ members }, index) =>
    members.map((member): Member => {
      const pod = net.objects.pods[member]!;
      const closed = (['ingress', 'egress'] as const).filter((direction) =>
        engine === 'none' ? wouldClose(pod, direction) : isIsolated(net, direction, index),
      );
      return { pod, closed };
    }),
  );
  return Map.groupBy(
    all.filter(({ pod }) => judged(pod.namespace) && pod.replicas > 0),
    ({ pod }) => pod.namespace,
  );
}

function judge(
  view: View,
  subject: string,
  policies: readonly SelectingPolicy[],
  groups: ReadonlyMap<string, readonly Group[]>,
): Judgement {
  const it = about(subject);
  const [policy] = policies;
  const changing = changingLabels.filter((key) => policies.some((one) => labelKeysOf(one).includes(key)));
  if (changing.length > 0)
    return it.fail(
      `It selects by ${changing.join(' and ')}, which every rollout changes: new pods will not match.`,
      editPolicy(policy!, 'Select by the labels that the owner of the pods wrote.'),
    );
  const accidents = policies
    .map(selectingOf)
    .flatMap((selecting) =>
      view.namespaces
        .filter((namespace) => selecting.wanted.size > 0 && selecting.inNamespace(namespace))
        .flatMap(({ name }) => findAccidents(selecting, groups.get(name) ?? [])),
    );
  if (accidents.length === 0) return it.pass('It does not split an application by a label that some of its pods lack.');
  const more =
    accidents.length > 1
      ? ` It also splits ${accidents.length - 1} other ${accidents.length === 2 ? 'application' : 'applications'}.`
      : '';
  return it.fail(
    `${accidents[0]}${more}`,
    editPolicy(
      policy!,
      'Select by a label that all pods of the application carry, or give the label to those that lack it.',
    ),
  );
}

/** Labels that name the application of a pod; its owner names it too. */
const APPLICATION = ['app.kubernetes.io/name', 'app'];

type Group = readonly [name: string | undefined, members: readonly Member[]];

const groupsOf = (members: readonly Member[]): readonly Group[] => [
  ...APPLICATION.flatMap((key) => [...Map.groupBy(members, ({ pod }) => pod.labels[key])]),
  ...Map.groupBy(members, ({ pod }) => pod.owner.name),
];

/** @returns a sentence for each application that the policy splits by accident */
function findAccidents(selecting: Selecting, groups: readonly Group[]): readonly string[] {
  const sentences = groups.flatMap(([name, group]) => {
    if (name === undefined || !mayBeSplit(group, selecting)) return [];
    const [inside, outside] = [true, false].map((wanted) =>
      group.filter(({ pod }) => selecting.matches(pod.labels) === wanted),
    );
    const key = [...selecting.wanted.keys()].find((one) => isAccidental(one, selecting, inside!, outside!));
    const open = selecting.directions.filter((direction) => outside!.some(({ closed }) => !closed.includes(direction)));
    // Where another policy closes those that are left out, leaving them out was meant, or shows at once.
    return key === undefined || open.length === 0 ? [] : [describe(name, key, inside!, outside!, open)];
  });
  return [...new Set(sentences)];
}

/** Most groups carry every label that a policy asks for, or are a single pod: they are not worth a closer look. */
const mayBeSplit = (group: readonly Member[], { wanted }: Selecting): boolean =>
  group.length > 1 && [...wanted.keys()].some((key) => group.some(({ pod }) => pod.labels[key] === undefined));

/** A label that says yes is put on pods for the policy's sake: a pod without it says no. */
const YES = /^(true|yes|on|1|enabled?|allow(ed)?|)$/i;

/** Different values tell the parts of an application apart; a label that some pods have and others lack does not. */
function isAccidental(
  key: string,
  { wanted }: Selecting,
  inside: readonly Member[],
  outside: readonly Member[],
): boolean {
  const value = inside[0]?.pod.labels[key];
  if (value === undefined || YES.test(value) || !wanted.get(key)!.includes(value) || outside.length === 0) return false;
  return (
    inside.every(({ pod }) => pod.labels[key] === value) && outside.every(({ pod }) => pod.labels[key] === undefined)
  );
}

function describe(
  name: string,
  key: string,
  inside: readonly Member[],
  outside: readonly Member[],
  open: readonly Direction[],
): string {
  const [selected, others] = [inside, outside].map((group) => [...new Set(group.map(({ pod }) => pod.owner.name))]);
  const label = `${key}=${inside[0]!.pod.labels[key]}`;
  const ways = open.join(' and ');
  if (others!.some((other) => selected!.includes(other)))
    return `Of ${name} it selects ${inside.length} of ${inside.length + outside.length} pods by ${label}; ${outside.length === 1 ? 'the other has no such label and is' : 'the others have no such label and are'} open for ${ways}.`;
  const which = others!.length === 1 ? 'has no such label and is' : 'have no such label and are';
  return `Of ${name} it selects ${listed(selected!, 3)} by ${label} and leaves out ${listed(others!, 3)}, which ${which} open for ${ways}.`;
}
