// The bundle that is deployed: what is loaded on demand must be there under the names it is asked for.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../infra/build.ts';

/** `{a:t}=await import("../chunks/x.js")`, `import("../chunks/x.js").then(({a:t})=>` and `(await import("../chunks/x.js")).default`. */
const AWAITED = /\{([^{}]+)\}=await import\("(\.[^"]+)"\)/g;
const THEN = /import\("(\.[^"]+)"\)\.then\(\(\{([^{}]+)\}\)/g;
const MEMBER = /\(await import\("(\.[^"]+)"\)\)\.(\w+)/g;

interface Asked {
  readonly chunk: string;
  readonly names: readonly string[];
}

function askedBy(file: string): Asked[] {
  const text = readFileSync(file, 'utf8');
  const asked = (path: string, names: string): Asked => ({
    chunk: join(dirname(file), path),
    names: names.split(',').map((name) => name.split(':')[0]!.trim()),
  });
  return [
    ...[...text.matchAll(AWAITED)].map(([, names, path]) => asked(path!, names!)),
    ...[...text.matchAll(MEMBER)].map(([, path, name]) => asked(path!, name!)),
    ...[...text.matchAll(THEN)].map(([, path, names]) => asked(path!, names!)),
  ];
}

/** What esbuild writes at the end of a chunk: `export{a as createBot};` or `export default a();`. */
function exportsOf(chunk: string): Set<string> {
  const text = readFileSync(chunk, 'utf8');
  const lists = [...text.matchAll(/\bexport\{([^{}]+)\}/g)].flatMap(([, list]) => list!.split(','));
  const names = lists.map((item) => item.split(' as ').at(-1)!.trim());
  return new Set(/\bexport default\b/.test(text) ? [...names, 'default'] : names);
}

// A library in CommonJS has but its default export once it is bundled, whatever names Node finds in it unbundled.
test('every chunk that is loaded on demand exports what it is asked for', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'bulkhead-bundle-'));
  try {
    await bundle(outdir);
    const asked = globSync('**/*.js', { cwd: outdir }).flatMap((file) => askedBy(join(outdir, file)));
    expect(asked.length).toBeGreaterThan(3);
    const missing = asked.flatMap(({ chunk, names }) => {
      const exported = exportsOf(chunk);
      return names.filter((name) => !exported.has(name)).map((name) => `${name} of ${basename(chunk)}`);
    });
    expect(missing).toEqual([]);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
