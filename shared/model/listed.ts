// Lists in sentences: what somebody else can make long is cut short.
import type { PolicyRef } from '../network/objects.ts';
import { refName } from '../network/objects.ts';

const SHOWN = 5;

/** @returns `a, b and 3 more` */
export const listed = (names: readonly string[], most = SHOWN): string =>
  names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');

/** @returns the names of policies; one that is enforced differently on different nodes is named once */
export const listedPolicies = (policies: readonly PolicyRef[]): string => listed([...new Set(policies.map(refName))]);
