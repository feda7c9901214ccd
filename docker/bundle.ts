// esbuild's part: the runtime as one script (what is not needed stays unevaluated in it) behind a small loader, and
// one ES module for the command line.
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/** Oldest Node that the runtime serves on. */
const RUNTIME_TARGET = 'node22'
/** Oldest Node on a developer's machine. */
const CLI_TARGET = 'node20'

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  minify: true,
  // The loader reads the bundle byte by byte.
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
}

/** What is loaded only when it is needed, each a file of its own; by the names that `loadChunk` takes. */
const CHUNKS = { 'otel-api': 'instrumentation/otel-api/api-global.ts' }

/** Writes main.cjs, runtime.js and the chunks into `folder`. */
export async function buildRuntime(root: string, folder: string): Promise<void> {
  const runtime: BuildOptions = { ...COMMON, format: 'cjs', target: RUNTIME_TARGET }
  await build({
    ...runtime,
    entryPoints: [join(root, 'bootstrap', 'load.ts')],
    outfile: join(folder, 'main.cjs'),
  })
  await build({
    ...runtime,
    entryPoints: [join(root, 'bootstrap', 'main.ts')],
    outfile: join(folder, 'runtime.js'),
    // A function, as Node wraps CommonJS: the loader calls it.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
  })
  await build({
    ...runtime,
    entryPoints: Object.entries(CHUNKS).map(([out, path]) => ({ in: join(root, path), out })),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
  })
}

/** Writes baton.mjs into `folder`. */
export async function buildCli(root: string, folder: string): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: [join(root, 'local', 'cli', 'baton.ts')],
    outfile: join(folder, 'baton.mjs'),
    format: 'esm',
    target: CLI_TARGET,
    // CommonJS packages in the bundle ask for Node's own modules by `require`.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
}
