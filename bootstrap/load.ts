// Becomes baton/main.cjs: runs the bundled runtime from the code cache that the build made with the same Node, so that
// nothing of it is parsed or compiled at a cold start (3 ms of CPU with tracing on). Another Node, or V8 flags in
// NODE_OPTIONS, refuse the cache and compile the source as ever.
import { readFileSync } from 'node:fs'
import { Script } from 'node:vm'

/** The bundle: a function as Node wraps CommonJS; what it exports is main.ts. */
type RuntimeFunction = (
  exports: Partial<typeof import('./main.ts')>,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  dirname: string,
) => void

/** The bundle is ASCII: read byte by byte it needs no decoding. */
const filename = `${__dirname}/runtime.js`
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  cachedData: readCache(`${__dirname}/runtime.cache`),
})
const runtime = script.runInThisContext() as RuntimeFunction
runtime(module.exports, require, module, filename, __dirname)
void (module.exports as typeof import('./main.ts')).main({
  require,
  importModule: url => import(url),
  loadChunk: name => require(`${__dirname}/${name}.cjs`),
})

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    // Built without one: for a machine that could not run its Node.
    return undefined
  }
}
