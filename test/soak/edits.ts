// What people and Azure do to an estate while it is watched: engines are switched, clusters come and go, views are lost and given back.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../simulation/random.ts';

type Fields = Record<string, unknown>;
interface Body extends Fields {
  properties: { networkProfile?: Fields };
  simulator?: Fields;
}

const NO_ENGINE: Fields = { networkPolicy: 'none' };
const ENGINES: readonly Fields[] = [
  { networkPolicy: 'cilium', networkDataplane: 'cilium' },
  { networkPolicy: 'azure' },
  { networkPolicy: 'calico' },
];
const MAX_ADDED = 4;
/** Engines are switched on every third cluster: there and back, so that alerts fire and are resolved. */
const isRestless = (_path: string, index: number): boolean => index % 3 === 0;

/** @param dir a copy of the simulated estate @returns makes one change of any kind, and says which */
export function createEdits(dir: string, random: Random): () => string {
  const list = join(dir, 'subscriptions.json');
  const removed = new Map<string, string>();
  let added = 0;

  const folders = (): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(dir, entry.name)] : []));
  const files = (): string[] =>
    folders().flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name)),
    );
  const change = (path: string, edit: (body: Body) => void): string => {
    const body = JSON.parse(readFileSync(path, 'utf8')) as Body;
    edit(body);
    writeFileSync(path, JSON.stringify(body));
    return path.slice(dir.length + 1);
  };

  const switchEngine = (): string => {
    const engine = random.chance(0.5) ? NO_ENGINE : random.pick(ENGINES);
    const path = change(random.pick(files().filter(isRestless)), ({ properties }) => {
      const { networkDataplane: _dataplane, ...kept } = properties.networkProfile ?? {};
      properties.networkProfile = { networkPlugin: 'azure', ...kept, ...engine };
    });
    return `${path}: engine ${String(engine['networkPolicy'])}`;
  };
  const toggleView = (): string => {
    let seen = false;
    const path = change(random.pick(files()), (body) => {
      const { forbidden, ...kept } = body.simulator ?? {};
      seen = forbidden !== undefined;
      body.simulator = seen ? kept : { ...kept, forbidden: ['*'] };
    });
    return `${path}: inside ${seen ? 'given back' : 'forbidden'}`;
  };
  const toggleSubscription = (): string => {
    const subscriptions = JSON.parse(readFileSync(list, 'utf8')) as { displayName: string; simulator: Fields }[];
    const { displayName, simulator } = random.pick(subscriptions);
    simulator['unreadable'] = simulator['unreadable'] !== true;
    writeFileSync(list, JSON.stringify(subscriptions));
    return `${displayName}: ${simulator['unreadable'] === true ? 'unreadable' : 'readable'}`;
  };
  const comeOrGo = (): string => {
    const back = [...removed][0];
    if (back && random.chance(0.6)) {
      removed.delete(back[0]);
      writeFileSync(back[0], back[1]);
      return `${back[0].slice(dir.length + 1)}: back`;
    }
    const path = random.pick(files());
    removed.set(path, readFileSync(path, 'utf8'));
    rmSync(path);
    return `${path.slice(dir.length + 1)}: removed`;
  };
  const add = (): string => {
    if (added >= MAX_ADDED) return comeOrGo();
    const source = random.pick(files());
    const { simulator: _simulator, ...body } = JSON.parse(readFileSync(source, 'utf8')) as Body;
    const name = `added-${++added}`;
    const id = String(body['id']).replace(/[^/]+$/, name);
    const path = join(source, '..', `${name}.json`);
    writeFileSync(path, JSON.stringify({ ...body, id, name }));
    return `${path.slice(dir.length + 1)}: added`;
  };

  const kinds = [switchEngine, switchEngine, switchEngine, comeOrGo, add, toggleSubscription, toggleView];
  return () => random.pick(kinds)();
}
