// Bundles the functions for deployment: one small entry for each door, shared chunks beside them, the bot in a chunk of its own.
import { rmSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Libraries written for CommonJS look for these names inside an ES module. */
const banner = [
  "import{createRequire as __cr}from'node:module'",
  "import{fileURLToPath as __f}from'node:url'",
  "import{dirname as __d}from'node:path'",
  'const require=__cr(import.meta.url)',
  'const __filename=__f(import.meta.url)',
  'const __dirname=__d(__filename)',
].join(';');

/**
 * What the bot library loads and Bulkhead never calls, each with what it would be used for. It is most of that library.
 * It is left out where it is asked for by `require`, as that library does: our own code imports `@azure/identity`, and gets it.
 */
export const leftOut: Readonly<Record<string, string>> = {
  'botbuilder-dialogs': 'people signing in to other services by chat',
  axios: 'skills, and language models',
  'botframework-streaming': 'conversations over web sockets and named pipes',
  '@azure/identity': 'the identity of a bot that is not handed its own',
  '@azure/msal-node': 'bots that have a password or a certificate',
  'fs-extra': 'transcripts on disk',
  htmlparser2: 'speech',
  'whatwg-url': 'a Node without URL',
};

/** Loads and can be extended, and throws when it is called all the same. */
const standIn = (name: string): string => `module.exports = new Proxy({}, {
  get: (_, member) => class {
    constructor() {
      throw new Error(\`${name} is left out of the bundle, and \${String(member)} of it was called: see infra/build.ts\`);
    }
  },
});`;

const smallerBot: Plugin = {
  name: 'smaller bot',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) => {
      if (kind !== 'require-call') return undefined;
      if (path in leftOut) return { path, namespace: 'left-out' };
      // Each package of the bot library has its own copy of zod 3, which our zod contains as well.
      return path === 'zod' ? esbuild.resolve('zod/v3', { kind, resolveDir: root }) : undefined;
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({ contents: standIn(path) }));
  },
};

export interface Bundle {
  /** The files that the host loads, one a door. */
  readonly entries: readonly string[];
  /** The files that were bundled, their paths as seen from the root of the repository. */
  readonly sources: readonly string[];
}

/** @param outdir is emptied first @throws when a source does not bundle */
export async function bundle(outdir = join(root, 'dist')): Promise<Bundle> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: globSync('functions/*.ts', { cwd: root }).map((file) => join(root, file)),
    absWorkingDir: root,
    outdir: join(outdir, 'functions'),
    outbase: join(root, 'functions'),
    entryNames: '[name]',
    chunkNames: '../chunks/[name]-[hash]',
    bundle: true,
    inject: [join(root, 'shared/app/require-node.ts')],
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    metafile: true,
    plugins: [smallerBot],
    external: ['@azure/functions-core'],
    banner: { js: `${banner};` },
    logLevel: 'error',
  });
  const entries = globSync('functions/*.js', { cwd: outdir }).map((file) => join(outdir, file));
  return { entries, sources: Object.keys(metafile.inputs) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
