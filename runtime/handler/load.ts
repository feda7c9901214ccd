// Finds the function's module and the handler in it: AWS's order of file names, `require` for CommonJS and `import`
// for ES modules. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HandlerNotFoundError, ImportModuleError, UserCodeSyntaxError } from '../errors.ts'
import { type HandlerName, parseHandlerName } from './handler-name.ts'
import { isModuleScope } from './module-kind.ts'

/** The user's function. Called without a `this`, so that it cannot reach into the runtime. */
// biome-ignore lint/complexity/noBannedTypes: any callable may be exported; what it takes and gives is the user's affair
export type Handler = Function

export interface LoadOptions {
  /** `_HANDLER`. */
  readonly handler: string
  /** Folder of the function's code; relative handler paths start here. */
  readonly taskRoot: string
  readonly warn: (message: string) => void
  readonly loader: ModuleLoader
}

/** Node's two ways to load a module, as some module of the runtime has them. */
export interface ModuleLoader {
  readonly require: NodeJS.Require
  /** `import()` of a URL. */
  readonly importModule: (url: string) => Promise<unknown>
}

/** Loads the handler. Rejects with an error named as AWS's runtimes name it, or with what the module itself threw. */
export async function loadHandler(options: LoadOptions): Promise<Handler> {
  const name = parseHandlerName(options.handler)
  const exports = await loadModule(name, options).catch(renameLoadError)
  const found =
    findExport(exports, name.exportPath) ?? findExport(defaultOf(exports), name.exportPath)
  if (!found) throw new HandlerNotFoundError(`${name.text} is undefined or not exported`)
  if (typeof found !== 'function') throw new HandlerNotFoundError(`${name.text} is not a function`)
  return found
}

async function loadModule(name: HandlerName, options: LoadOptions): Promise<unknown> {
  const directory = resolve(options.taskRoot, name.directory)
  const path = resolve(directory, name.module)
  const { require } = options.loader
  if (existsSync(path) && isLoadable(require, path)) return requireOrImport(options.loader, path)
  const script = `${path}.js`
  if (existsSync(script)) {
    const isModule = isModuleScope(dirname(script), options.warn)
    return isModule ? importFile(options.loader, script) : requireOrImport(options.loader, script)
  }
  if (existsSync(`${path}.mjs`)) return importFile(options.loader, `${path}.mjs`)
  if (existsSync(`${path}.cjs`)) return requireOrImport(options.loader, `${path}.cjs`)
  return require(require.resolve(name.module, { paths: [options.taskRoot, directory] }))
}

/** A folder beside a file of the same name, with no index in it, is not the module. */
function isLoadable(require: NodeJS.Require, path: string): boolean {
  try {
    return require.resolve(path) === path || !existsSync(`${path}.js`)
  } catch {
    return false
  }
}

/** ES modules that hold a top-level await cannot be required; Node says so by these codes. */
function requireOrImport(loader: ModuleLoader, path: string): unknown {
  try {
    return loader.require(path)
  } catch (error) {
    if (hasCode(error, 'ERR_REQUIRE_ASYNC_MODULE')) return importFile(loader, path)
    throw error
  }
}

/** A file URL: `%`, `#` and `?` are legal in folder names and mean something else in a specifier. */
function importFile(loader: ModuleLoader, path: string): Promise<unknown> {
  return loader.importModule(pathToFileURL(path).href)
}

function findExport(exports: unknown, path: readonly string[]): unknown {
  let found: unknown = exports
  for (const key of path) {
    if (!found) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

function defaultOf(exports: unknown): unknown {
  return typeof exports === 'object' && exports !== null
    ? (exports as { default?: unknown }).default
    : undefined
}

function renameLoadError(error: unknown): never {
  if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error)
  if (hasCode(error, 'MODULE_NOT_FOUND')) throw new ImportModuleError(error)
  throw error
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}
