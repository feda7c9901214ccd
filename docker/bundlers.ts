// The plugins for bundlers, as a user's build loads them: from ES modules and from CommonJS, with their types.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/** Oldest Node on a developer's machine. */
const TARGET = 'node20'

/** What `baton` of each answers: a type, and the module that has it. */
const PLUGINS: Readonly<Record<string, readonly [type: string, from: string]>> = {
  esbuild: ['Plugin', 'esbuild'],
  rollup: ['Plugin', 'rollup'],
  vite: ['Plugin', 'vite'],
  webpack: ['WebpackPluginInstance', 'webpack'],
}

/** Writes the plugins into `folder`, which package.json's `exports` names. */
export async function buildBundlerPlugins(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const source = (name: string): string => join(root, 'instrumentation', 'bundlers', `${name}.ts`)
  const common: BuildOptions = {
    bundle: true,
    platform: 'node',
    target: TARGET,
    legalComments: 'none',
    logLevel: 'warning',
  }
  const entryPoints = Object.keys(PLUGINS).map(name => ({ in: source(name), out: name }))
  const outputs: readonly BuildOptions[] = [
    { entryPoints, format: 'esm', outExtension: { '.js': '.mjs' } },
    {
      entryPoints,
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      define: { 'import.meta.url': 'FILE_URL' },
      banner: { js: 'const FILE_URL = require("node:url").pathToFileURL(__filename).href' },
    },
    {
      entryPoints: [{ in: source('webpack-loader'), out: 'webpack-loader' }],
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      // webpack takes a module that is a function.
      footer: { js: 'module.exports = module.exports.batonLoader' },
    },
  ]
  await Promise.all(outputs.map(each => build({ ...common, ...each, outdir: folder })))
  for (const [name, [type, from]] of Object.entries(PLUGINS)) {
    const types = declare(type, from)
    await writeFile(join(folder, `${name}.d.mts`), types)
    await writeFile(join(folder, `${name}.d.cts`), types)
  }
}

const declare = (type: string, from: string): string => `import type { ${type} } from '${from}'

/** Libraries are named as in Baton's docs/libraries.md. */
export interface BatonOptions {
  /** Only these libraries are instrumented; all where absent. */
  readonly enabled?: readonly string[]
  /** These are not, even if they are enabled. */
  readonly disabled?: readonly string[]
}

/** Instruments the libraries that a bundle holds. Throws TypeError for a name that is no library's. */
export declare function baton(options?: BatonOptions): ${type}
`
