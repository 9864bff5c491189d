// Which engine a folder of manifests is meant for, by what lies in it.
import { isObject } from '../../shared/network/parse/raw.ts';
import { engineDaemonSets, runningEngine } from '../../shared/rules/evidence/engine.ts';
import type { ReadFolder } from './folder.ts';

/** The engines that --engine names and that objects can show. */
export type Told = 'azure' | 'calico' | 'cilium';

export interface FolderEngine {
  /** undefined when nothing shows which it is, or two things disagree. */
  readonly engine: Told | undefined;
  /** Nobody named it: advice that deletes or rebuilds something must not rest on it. */
  readonly isAssumed: boolean;
  /** Policies of two engines, of which only one can be at work. */
  readonly isMixed: boolean;
  /** A sentence for people, without its full stop. */
  readonly because: string;
}

const NAMES: Readonly<Record<Told, string>> = { azure: 'NPM', calico: 'Calico', cilium: 'Cilium' };
const ELSE = 'say which engine it is with --engine azure, calico or cilium';

/** @param said by --engine @param folders states of one cluster @returns its engine: the one named, else the one that runs there, else the one whose kinds of objects lie there */
export function engineOfFolders(said: Told | undefined, folders: readonly ReadFolder[]): FolderEngine {
  const known = { isAssumed: false, isMixed: false };
  if (said !== undefined) return { ...known, engine: said, because: `judged as ${NAMES[said]} enforces it` };
  const running = folders.map(({ objects }) => runningEngine(objects)).find((engine) => engine !== undefined);
  if (running)
    return { ...known, engine: running, because: `judged as ${NAMES[running]} enforces it, which runs there` };
  const counts = countKinds(folders.flatMap(({ placed }) => placed.map(({ object }) => object)));
  const [engine, ...others] = (['cilium', 'calico', 'azure'] as const).filter((name) => counts[name] > 0);
  const bySpecification = 'judged by what the NetworkPolicy specification says, because';
  if (engine === undefined) {
    const because = `${bySpecification} nothing in it shows which engine it is for; ${ELSE}`;
    return { engine: undefined, isAssumed: true, isMixed: false, because };
  }
  if (others.length > 0) {
    const found = [engine, ...others].map((name) => `${counts[name]} of ${NAMES[name]}`).join(', ');
    const because = `${bySpecification} it holds objects of more than one engine (${found}); ${ELSE}`;
    return { engine: undefined, isAssumed: true, isMixed: true, because };
  }
  const found = `${counts[engine]} ${counts[engine] === 1 ? 'object' : 'objects'} of ${NAMES[engine]}`;
  const because = `judged as ${NAMES[engine]} enforces it, because it holds ${found}; if that is wrong, ${ELSE}`;
  return { engine, isAssumed: true, isMixed: false, because };
}

function countKinds(raws: readonly unknown[]): Record<Told, number> {
  const counts = { azure: 0, calico: 0, cilium: 0 };
  for (const raw of raws) {
    const engine = engineOfObject(raw);
    if (engine) counts[engine]++;
  }
  return counts;
}

function engineOfObject(raw: unknown): Told | undefined {
  if (!isObject(raw) || typeof raw['apiVersion'] !== 'string') return undefined;
  const { apiVersion, kind, metadata } = raw;
  const group = apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
  if (group === 'cilium.io') return 'cilium';
  if (group.endsWith('projectcalico.org')) return 'calico';
  if (kind !== 'DaemonSet' || !isObject(metadata)) return undefined;
  return engineDaemonSets.find(({ name }) => name === metadata['name'])?.engine;
}
