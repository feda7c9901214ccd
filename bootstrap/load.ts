// Becomes baton/main.cjs: runs the bundled runtime, and each chunk when it is needed, from the code cache that the build made with the same Node, so that
// nothing of it is parsed or compiled at a cold start (3 ms of CPU with tracing on). Another Node, or V8 flags in
// NODE_OPTIONS, refuse the cache and compile the source as ever.
import { readFileSync } from 'node:fs'
import { Script } from 'node:vm'
import type { LoadChunk } from '../instrumentation/chunks.ts'

/** A bundle: a function as Node wraps CommonJS. */
type BundleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: { readonly exports: unknown },
  filename: string,
  dirname: string,
) => void

/** Set by the bundler. The exec wrapper runs on AWS's Node, of which the build does not know the version. */
declare const HAS_CACHE_BY_VERSION: boolean

const suffix = HAS_CACHE_BY_VERSION ? `-${process.version}-${process.arch}` : ''

/** Node is up: what it took shows in the init span. */
const readyUptimeMs = process.uptime() * 1000
const loaded = new Map<string, unknown>()
const loadChunk = loadOnce as LoadChunk
const runtime = load('runtime') as typeof import('./main.ts')
void runtime.main({ require, importModule: url => import(url), loadChunk, readyUptimeMs })

function loadOnce(name: string): unknown {
  const found = loaded.get(name) ?? load(name)
  loaded.set(name, found)
  return found
}

/** What the bundle of that name beside this file exports. */
function load(name: string): unknown {
  const filename = `${__dirname}/${name}.js`
  // ASCII: read byte by byte it needs no decoding.
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readCache(`${__dirname}/${name}${suffix}.cache`),
  })
  const bundle = { exports: {} }
  const run = script.runInThisContext() as BundleFunction
  run(bundle.exports, require, bundle, filename, __dirname)
  return bundle.exports
}

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    // Built without one: for a machine that could not run its Node, or for another version.
    return undefined
  }
}
