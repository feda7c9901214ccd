// A function bundled by each of the bundlers that there is a plugin for, with the plugin as it is built and shipped.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build, transform } from 'esbuild'
import { rollup } from 'rollup'
import { build as buildByVite } from 'vite'
import webpack from 'webpack'

// By names that only the build makes good: what checks types runs before it.
const load = (name: Bundler): Promise<{ readonly baton: unknown }> => import(`baton/${name}`)
const plugins = {
  esbuild: (await load('esbuild'))
    .baton as typeof import('../../instrumentation/bundlers/esbuild.ts').baton,
  rollup: (await load('rollup'))
    .baton as typeof import('../../instrumentation/bundlers/rollup.ts').baton,
  vite: (await load('vite')).baton as typeof import('../../instrumentation/bundlers/vite.ts').baton,
  webpack: (await load('webpack'))
    .baton as typeof import('../../instrumentation/bundlers/webpack.ts').baton,
}

/** Their types say that the module is what its default export is. */
const toFunction = <T>(plugin: { readonly default: T }): T => plugin as unknown as T

export const BUNDLERS = ['esbuild', 'rollup', 'vite', 'webpack'] as const
export type Bundler = (typeof BUNDLERS)[number]

export interface BundleOptions {
  /** Absolute path of the function's file. */
  readonly entry: string
  readonly format: 'cjs' | 'esm'
  readonly isMinified?: boolean
  /** With Baton's plugin, unless it is false. */
  readonly hasPlugin?: boolean
  readonly external?: readonly string[]
  /** Files of their own for what `import()` asks for. */
  readonly isSplit?: boolean
  readonly hasSourceMap?: boolean
}

interface Output extends BundleOptions {
  readonly folder: string
  /** Of the handler's file. */
  readonly name: string
  /** Baton's, or none. */
  readonly plugins: <T>(baton: () => T) => T[]
}

const RUN: Readonly<Record<Bundler, (output: Output) => Promise<unknown>>> = {
  esbuild: byEsbuild,
  rollup: byRollup,
  vite: byVite,
  webpack: byWebpack,
}

/** The files of the bundle, by name; the handler's is `index.cjs` or `index.mjs`. */
export async function bundle(
  bundler: Bundler,
  options: BundleOptions,
): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-bundle-'))
  try {
    await RUN[bundler]({
      ...options,
      folder,
      name: options.format === 'cjs' ? 'index.cjs' : 'index.mjs',
      plugins: baton => (options.hasPlugin === false ? [] : [baton()]),
    })
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = entries
      .filter(entry => entry.isFile())
      .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    const texts = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')))
    return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function byEsbuild(output: Output): Promise<unknown> {
  const { entry, folder, format, isMinified = false, external = [], isSplit = false } = output
  const require = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
  return build({
    entryPoints: [{ in: entry, out: 'index' }],
    outdir: folder,
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    bundle: true,
    platform: 'node',
    format,
    minify: isMinified,
    external: [...external],
    splitting: isSplit,
    sourcemap: output.hasSourceMap ?? false,
    logLevel: 'error',
    plugins: output.plugins(plugins.esbuild),
    // CommonJS packages ask for Node's own modules by `require`.
    ...(format === 'esm' && { banner: { js: require } }),
  })
}

async function byRollup(output: Output): Promise<void> {
  const { entry, folder, name, format, isMinified, external = [], isSplit = false } = output
  const { write } = await rollup({
    input: entry,
    external: [...external, /^node:/],
    onwarn({ message }) {
      // The packages' own are not ours to mend.
      if (message.includes('baton')) throw new Error(message)
    },
    plugins: [
      ...output.plugins(plugins.rollup),
      nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
      toFunction(commonjs)({ ignoreDynamicRequires: true }),
      toFunction(json)(),
      ...(isMinified ? [{ name: 'minify', renderChunk: minify }] : []),
    ],
  })
  await write({
    dir: folder,
    entryFileNames: name,
    chunkFileNames: `[name]-[hash]${name.slice(-4)}`,
    format,
    inlineDynamicImports: !isSplit,
    sourcemap: output.hasSourceMap ?? false,
    exports: 'named',
  })
}

const minify = (code: string): Promise<{ code: string; map: string }> =>
  transform(code, { minify: true, sourcemap: 'external' })

async function byVite(output: Output): Promise<void> {
  const { entry, folder, name, format, isMinified = false, external = [] } = output
  await buildByVite({
    configFile: false,
    root: join(entry, '..'),
    logLevel: 'error',
    plugins: output.plugins(plugins.vite),
    ssr: { noExternal: true, external: [...external] },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      minify: isMinified,
      sourcemap: output.hasSourceMap ?? false,
      rollupOptions: {
        external: [...external],
        output: { format, entryFileNames: name, codeSplitting: output.isSplit ?? false },
      },
    },
  })
}

async function byWebpack(output: Output): Promise<void> {
  const { entry, folder, name, format, isMinified = false, external = [] } = output
  const isModule = format === 'esm'
  const compiler = webpack({
    mode: isMinified ? 'production' : 'none',
    target: 'node20',
    entry,
    devtool: output.hasSourceMap ? 'source-map' : false,
    externals: [...external],
    experiments: { outputModule: isModule },
    output: {
      path: folder,
      filename: name,
      chunkFilename: `[id]${name.slice(-4)}`,
      library: { type: isModule ? 'module' : 'commonjs2' },
    },
    plugins: output.plugins(plugins.webpack),
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  compiler.run((error, stats) => {
    if (error) reject(error)
    else if (stats?.hasErrors()) reject(new Error(stats.toString('errors-only')))
    else compiler.close(failure => (failure ? reject(failure) : resolve()))
  })
  await promise
}
