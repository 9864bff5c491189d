// Bundles the functions for deployment: one small entry a door, shared chunks beside them, the bot in a chunk of its own.
import { rmSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** @returns the bundled entries @throws when a source does not bundle */
export async function bundle(outdir = join(root, 'dist')): Promise<readonly string[]> {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: globSync('functions/*.ts', { cwd: root }).map((file) => join(root, file)),
    outdir: join(outdir, 'functions'),
    outbase: join(root, 'functions'),
    entryNames: '[name]',
    chunkNames: '../chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    external: ['@azure/functions-core'],
    banner: { js: `${banner};` },
    logLevel: 'error',
  });
  return globSync('functions/*.js', { cwd: outdir }).map((file) => join(outdir, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
