// Exports of clusters, in the shapes in which tools print them; anything else is named, with what to do instead.
import { parseClusterId } from '../../shared/model/keys.ts';
import { InputError } from './input.ts';

export interface Export {
  /** Bodies of managed clusters, one at least. */
  readonly bodies: readonly unknown[];
  /** Azure resources of other types, by type. */
  readonly others: ReadonlyMap<string, number>;
  /** What shows that there are more clusters than these, if anything does, and how to get them. */
  readonly more?: string;
}

type Lowered = Readonly<Record<string, unknown>>;
const EXPECTED = 'az aks list -o json prints what is expected';

/** @param values what the file holds @returns the clusters in it @throws InputError when there is none, or it is something else */
export function readExport(values: readonly unknown[], name: string): Export {
  const answers = values.map((value) => readAnswer(value, name));
  const items = answers.flatMap((answer) => answer.items);
  if (items.length === 0)
    throw new InputError(
      `${name} holds no cluster: the list is empty. az aks list shows the subscription that is set (az account show) and what you may read there`,
    );
  const bodies: unknown[] = [];
  const others = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const type = resourceType(item);
    if (type === undefined && item !== null && typeof item === 'object') refuse(lowered(item), name);
    if (type === undefined) throw new InputError(`${name}: element ${index} is not a managed cluster; ${EXPECTED}`);
    if (type === CLUSTER) bodies.push(item);
    else others.set(type, (others.get(type) ?? 0) + 1);
  }
  if (bodies.length === 0)
    throw new InputError(`${name} holds ${countTypes(others)} and no managed cluster; ${EXPECTED}`);
  if (!bodies.some(hasBody))
    throw new InputError(
      `${name} names ${bodies.length} managed clusters without telling anything about them (az resource list and queries leave properties out); ${EXPECTED}`,
    );
  const more = answers.find((answer) => answer.more !== undefined)?.more;
  return { bodies, others, ...(more === undefined ? {} : { more }) };
}

/** @returns `3 Microsoft.Compute/virtualMachines, ...` */
export const countTypes = (others: Export['others']): string =>
  [...others].map(([type, count]) => `${count} ${type}`).join(', ');

interface Answer {
  readonly items: readonly unknown[];
  readonly more?: string;
}

function readAnswer(value: unknown, name: string): Answer {
  if (Array.isArray(value)) return { items: value };
  if (value === null || typeof value !== 'object')
    throw new InputError(`${name} holds ${value === null ? 'null' : `a ${typeof value}`}; ${EXPECTED}`);
  const answer = lowered(value);
  refuse(answer, name);
  if ('value' in answer) {
    if (!Array.isArray(answer['value'])) throw new InputError(`${name}: "value" is not an array; ${EXPECTED}`);
    return { items: answer['value'], ...(answer['nextlink'] ? { more: NEXT_LINK } : {}) };
  }
  if ('data' in answer) return readGraph(answer, name);
  return { items: [value] };
}

const NEXT_LINK = 'its nextLink leads to the next page; az aks list -o json prints all of them';
const GRAPH_PAGE =
  'Resource Graph returned only a part of what matches: ask with --first 1000, or for one subscription at a time';

/** An answer of Azure Resource Graph, as its REST API, `az graph query` or Search-AzGraph prints it. Any of three fields shows that there is more (Azure documentation, Paging results in Azure Resource Graph). */
function readGraph(answer: Lowered, name: string): Answer {
  const { data } = answer;
  if (!Array.isArray(data))
    throw new InputError(
      `${name} holds a Resource Graph table; ask for resultFormat objectArray, or use az aks list -o json`,
    );
  const total = answer['total_records'] ?? answer['totalrecords'];
  const token = answer['skip_token'] ?? answer['$skiptoken'] ?? answer['skiptoken'];
  const isPart =
    Boolean(token) ||
    String(answer['resulttruncated']) === 'true' ||
    (typeof total === 'number' && total > data.length);
  return { items: data, ...(isPart ? { more: GRAPH_PAGE } : {}) };
}

/** @throws InputError when the answer is known to be something other than clusters */
function refuse(answer: Lowered, name: string): void {
  const { error, $schema: schema, kind, apiversion } = answer;
  if (error !== null && typeof error === 'object') {
    const { code, message } = lowered(error);
    throw new InputError(`${name} holds an error of Azure instead of clusters: ${text(code)}: ${text(message)}`);
  }
  if (typeof schema === 'string' && /deployment(template|parameters)\.json/i.test(schema))
    throw new InputError(
      `${name} is an ARM template: what it would deploy, not what is there. Deploy it, then az aks list -o json shows the clusters`,
    );
  if (typeof schema === 'string' && schema.includes('sarif'))
    throw new InputError(`${name} is a report in SARIF, not a list of clusters; ${EXPECTED}`);
  if (typeof kind === 'string' && typeof apiversion === 'string')
    throw new InputError(
      `${name} holds Kubernetes objects (${text(kind)}), as kubectl prints them: give it with --manifests. ${EXPECTED}`,
    );
}

const CLUSTER = 'microsoft.containerservice/managedclusters';

/** @returns the type of an Azure resource, CLUSTER for a managed cluster; undefined for anything else */
function resourceType(item: unknown): string | undefined {
  if (item === null || typeof item !== 'object') return undefined;
  const { id, type } = lowered(item);
  if (typeof id !== 'string') return undefined;
  if (parseClusterId(id)) return CLUSTER;
  const [provider, ...parts] = /.*\/providers\/(.+)$/is.exec(id)?.[1]?.split('/') ?? [];
  const types = parts.filter((_, i) => i % 2 === 0);
  if (provider !== undefined && types.length > 0) return [provider, ...types].join('/');
  return typeof type === 'string' && type !== '' && id.startsWith('/') ? type : undefined;
}

/** Whatever prints a whole cluster prints one of these, if only as `null`. */
const hasBody = (item: unknown): boolean => {
  const body = lowered(item as object);
  return Boolean(body['properties']) || ['networkprofile', 'agentpoolprofiles'].some((key) => key in body);
};

const lowered = (value: object): Lowered =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 300) : typeof value);
