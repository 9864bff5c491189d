// Which pods a policy that could not be understood may govern: the parts of it that could be read narrow that down.
import { calicoNamespaceLabels, calicoPodLabels } from './calico.ts';
import type {
  CalicoSelector,
  Direction,
  Labels,
  Namespace,
  ObjectProblem,
  PossibleReach,
  Selector,
} from './objects.ts';
import { matches } from './selectors.ts';

/** A pod that a policy may or may not govern; without labels, any pod that the namespace could hold. */
export interface Governed {
  readonly namespace: Namespace;
  readonly labels?: Labels;
  /** Absent: either direction. */
  readonly direction?: Direction;
}

/** @returns whether the object with this problem may, for all that could be read of it, govern the pod; never for what is not a policy */
export const mayGovern = ({ reach }: ObjectProblem, governed: Governed): boolean =>
  reach?.some((possible) => reaches(possible, governed)) ?? false;

function reaches(reach: PossibleReach, { namespace, labels, direction }: Governed): boolean {
  if (direction !== undefined && !reach.directions.includes(direction)) return false;
  if (reach.directions.length === 0 || !inNamespace(reach.namespaces, namespace)) return false;
  return labels === undefined || selectsPod(reach.pods, namespace, labels);
}

function inNamespace(namespaces: PossibleReach['namespaces'], namespace: Namespace): boolean {
  if (namespaces === undefined) return true;
  if (typeof namespaces === 'string') return namespaces === namespace.name;
  return isCalico(namespaces)
    ? namespaces.matches(calicoNamespaceLabels(namespace))
    : matches(namespaces, namespace.labels);
}

const selectsPod = (pods: PossibleReach['pods'], namespace: Namespace, labels: Labels): boolean =>
  isCalico(pods) ? pods.matches(calicoPodLabels(namespace.name, labels)) : matches(pods, labels);

const isCalico = (selector: Selector | CalicoSelector): selector is CalicoSelector => 'matches' in selector;
