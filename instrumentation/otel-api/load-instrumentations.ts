// Published instrumentations (`@opentelemetry/instrumentation-*` and others of their make) out of the function's own
// node_modules. They hook modules by means of their own: `require` at once, `import` where their copy of
// import-in-the-middle can do so in this thread, for the modules that they name and no others.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { TracerProvider } from '@opentelemetry/api'
import type { Log } from '../../runtime/contract.ts'

export interface LoadOptions {
  /** `PACKAGE` or `PACKAGE#EXPORT`. */
  readonly names: readonly string[]
  /** From where the packages are looked for: the folder of the handler's file. */
  readonly folder: string
  readonly provider: TracerProvider
  readonly log: Log
}

/** What an instrumentation has, as far as it is used. */
interface Instrumentation {
  setTracerProvider(provider: TracerProvider): void
  enable(): void
  /** Modules that it hooks; not of the documented interface. */
  readonly _modules?: readonly { readonly name?: unknown }[]
}
type InstrumentationClass = new () => Instrumentation

interface ImportHooks {
  supportsSyncHooks(): boolean
  register(options: { include: readonly string[] }): void
}

const BASE_PACKAGE = '@opentelemetry/instrumentation'
const IMPORT_HOOKS = 'import-in-the-middle/register-hooks.mjs'

/** Turns them on and returns the packages that are; of one that cannot be, a warning says why. */
export function loadInstrumentations(options: LoadOptions): readonly string[] {
  const { names, folder, provider, log } = options
  const load = createRequire(join(folder, 'index.js'))
  /** Modules to hook, by the copy of import-in-the-middle that is told. */
  const imports = new Map<string, string[]>()
  const loaded = names.flatMap(name => {
    const [packageName = '', exportName] = name.split('#', 2)
    try {
      const instrumentation = new (findClass(load(packageName), exportName))()
      instrumentation.setTracerProvider(provider)
      instrumentation.enable()
      const copy = findImportHooks(load.resolve(packageName))
      if (copy !== undefined) addModules(imports, copy, instrumentation)
      return [packageName]
    } catch (error) {
      log.warn(`baton: BATON_INSTRUMENTATIONS: ${name} could not be loaded: ${firstLine(error)}`)
      return []
    }
  })
  for (const [copy, include] of imports) hookImports(load, copy, include)
  return loaded
}

function findClass(exports: unknown, exportName: string | undefined): InstrumentationClass {
  const fields = Object(exports) as Readonly<Record<string, unknown>>
  const found = exportName === undefined ? Object.values(fields).find(isClass) : fields[exportName]
  if (isClass(found)) return found
  throw new TypeError(
    `expected a class with setTracerProvider and enable${exportName === undefined ? '' : ` as ${exportName}`}, got exports ${Object.keys(fields)}`,
  )
}

function isClass(value: unknown): value is InstrumentationClass {
  if (typeof value !== 'function') return false
  const { setTracerProvider, enable } = Object(value.prototype) as Partial<Instrumentation>
  return typeof setTracerProvider === 'function' && typeof enable === 'function'
}

/** Its file in the copy that the instrumentation uses; `undefined` where that is too old for it. */
function findImportHooks(packageFile: string): string | undefined {
  try {
    const base = createRequire(packageFile).resolve(BASE_PACKAGE)
    return createRequire(base).resolve(IMPORT_HOOKS)
  } catch {
    return undefined
  }
}

function addModules(
  imports: Map<string, string[]>,
  copy: string,
  { _modules }: Instrumentation,
): void {
  const names = (_modules ?? []).flatMap(({ name }) => (typeof name === 'string' ? name : []))
  imports.set(copy, [...(imports.get(copy) ?? []), ...names])
}

function hookImports(load: NodeJS.Require, copy: string, include: readonly string[]): void {
  const { register, supportsSyncHooks } = load(copy) as ImportHooks
  // Without names it would wrap every module there is.
  if (include.length > 0 && supportsSyncHooks()) register({ include })
}

const firstLine = (error: unknown): string => String(error).split('\n', 1)[0] ?? ''
