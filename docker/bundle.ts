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

/** What runs in the function; all but the runtime is loaded when it is needed, by the name that `loadChunk` takes. */
const BUNDLES: Readonly<Record<string, string>> = {
  runtime: 'bootstrap/main.ts',
  'aws-sdk': 'instrumentation/libraries/aws-sdk/aws-sdk.ts',
}

/** Writes main.cjs and the bundles into `folder`. */
export async function buildRuntime(root: string, folder: string): Promise<void> {
  const runtime: BuildOptions = { ...COMMON, format: 'cjs', target: RUNTIME_TARGET }
  await build({
    ...runtime,
    entryPoints: [join(root, 'bootstrap', 'load.ts')],
    outfile: join(folder, 'main.cjs'),
  })
  await build({
    ...runtime,
    entryPoints: Object.entries(BUNDLES).map(([out, path]) => ({ in: join(root, path), out })),
    outdir: folder,
    // A function, as Node wraps CommonJS: the loader calls it.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
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
