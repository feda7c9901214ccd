// esbuild's part: the runtime as one script (what is not needed stays unevaluated in it) behind a small loader, files of
// their own for what few functions need, and one ES module for the command line.
import { join, relative } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

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

/** Dynamic imports that become files beside runtime.js, which each cold start reads with its cache. */
const CHUNKS: Readonly<Record<string, string>> = {
  'aws.cjs': 'instrumentation/export/transports/aws/authorizers.ts',
  'otlp-json.cjs': 'instrumentation/export/otlp-json.ts',
  'stdout.cjs': 'instrumentation/export/transports/stdout.ts',
  'xray-daemon.cjs': 'instrumentation/export/transports/xray-daemon.ts',
  'zipkin.cjs': 'instrumentation/export/transports/zipkin.ts',
}

/** What runs in the function; all but the runtime is loaded when it is needed, by the name that `loadChunk` takes. */
const BUNDLES: Readonly<Record<string, string>> = {
  runtime: 'bootstrap/main.ts',
  'aws-sdk': 'instrumentation/libraries/aws-sdk/aws-sdk.ts',
  graphql: 'instrumentation/libraries/web/graphql.ts',
  'hooked-modules': 'instrumentation/libraries/hooked-modules.ts',
  ai: 'instrumentation/libraries/ai/ai.ts',
  messaging: 'instrumentation/libraries/messaging/messaging.ts',
  'http-clients': 'instrumentation/libraries/http-clients.ts',
  'load-tree': 'instrumentation/coldstart/load-tree.ts',
  'otel-api': 'instrumentation/otel-api/api-global.ts',
  tracing: 'instrumentation/tracing.ts',
  records: 'instrumentation/records/records.ts',
  recover: 'instrumentation/export/journal/recover.ts',
  triggers: 'instrumentation/triggers/detect.ts',
  web: 'instrumentation/libraries/web/web.ts',
  stores: 'instrumentation/libraries/stores/stores.ts',
  sql: 'instrumentation/libraries/sql/sql.ts',
}

export const BUNDLE_NAMES: readonly string[] = Object.keys(BUNDLES)

/** Those of which the build runs nothing: their code caches hold the names of functions and no bytecode. */
export const UNTRAINED_NAMES: readonly string[] = [
  ...['ai', 'graphql', 'messaging', 'recover', 'sql', 'stores', 'web'],
]

/**
 * Writes main.cjs, the bundles and the chunks into `folder`; answers the folders of the npm packages that are in them.
 * A layer has one code cache, for its own Node; the wrapper may have one for each of several.
 */
export async function buildRuntime(
  root: string,
  folder: string,
  caches: 'one' | 'by version' = 'one',
): Promise<readonly string[]> {
  const runtime: BuildOptions = {
    ...COMMON,
    format: 'cjs',
    target: RUNTIME_TARGET,
    // Of a package's ES modules only what is used is bundled: 15 kB of the signer, not 143.
    mainFields: ['module', 'main'],
    absWorkingDir: root,
  }
  await build({
    ...runtime,
    entryPoints: [join(root, 'bootstrap', 'load.ts')],
    outfile: join(folder, 'main.cjs'),
    define: { HAS_CACHE_BY_VERSION: String(caches === 'by version') },
  })
  const { metafile } = await build({
    ...runtime,
    entryPoints: Object.entries(BUNDLES).map(([out, path]) => ({ in: join(root, path), out })),
    outdir: folder,
    plugins: [leaveOutChunks(root)],
    // A script that is run from a cache has no import() of its own: chunks are required.
    supported: { 'dynamic-import': false },
    // A function, as Node wraps CommonJS: the loader calls it.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
    metafile: true,
  })
  const files = Object.keys(metafile.inputs)
  for (const [name, file] of Object.entries(CHUNKS)) {
    const chunk = await build({
      ...runtime,
      entryPoints: [join(root, file)],
      outfile: join(folder, name),
      metafile: true,
    })
    files.push(...Object.keys(chunk.metafile.inputs))
  }
  return packageFolders(root, files)
}

function leaveOutChunks(root: string): Plugin {
  return {
    name: 'chunks',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined
        const wanted = relative(root, join(resolveDir, path))
        const chunk = Object.entries(CHUNKS).find(([, file]) => file === wanted)?.[0]
        return chunk === undefined ? undefined : { path: `./${chunk}`, external: true }
      })
    },
  }
}

/** The packages that files below node_modules belong to, in order. */
function packageFolders(root: string, files: readonly string[]): string[] {
  const folders = files.flatMap(
    file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [],
  )
  return [...new Set(folders)].sort().map(folder => join(root, folder))
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
