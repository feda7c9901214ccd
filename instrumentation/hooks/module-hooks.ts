// The one door to modules as they load. A listed file of a listed package gets one more line at its end, which hands over
// what it exports as soon as it has run; no other module is looked at twice, wrapped or parsed. One hook in this thread
// serves CommonJS and ES modules alike (`module.registerHooks`, Node 22.15 and newer); a bundler's plugin adds the same
// line.
//
//   CommonJS   globalThis[Symbol.for("baton:loaded")]?.("pg","wrapClient",typeof module==="object"?module:{})
//   ES module  import*as $baton from"./FILE";globalThis[Symbol.for("baton:loaded")]?.("pg","wrapClient",{exports:…,rebind:…})
//
// A module may import itself: its namespace is complete when its last line runs.
import { readFileSync } from 'node:fs'
import type { LoadHookSync } from 'node:module'
import type { Guard } from '../guard.ts'
import { hookAroundRequires, type RegisterHook } from './around-requires.ts'
import type { Subscribe } from './channels.ts'
import type { LoadedModule, Receive } from './loaded-modules.ts'
import { NODE_MODULES } from './package-name.ts'
import { isInRange } from './version-range.ts'
import type { ModuleLoadStart } from './when-modules-load.ts'

/** A file that is hooked. */
export interface HookedFile {
  /** The library it belongs to, by the name that the switches know. */
  readonly library: string
  /** The bundle that has the library's code. */
  readonly chunk: string
  /** npm package. */
  readonly package: string
  /** As `isInRange` takes them. */
  readonly versions: string
  /** Path in the package. */
  readonly file: string
  /** Which of the library's functions gets the module. */
  readonly wrap: string
  /**
   * A text of the library that minifying keeps and that nothing else has: how a bundle without the plugin is known to
   * hold it. Absent where its calls are seen in bundles anyway.
   */
  readonly mark?: string
  /** A library that publishes, and tells of the calls of this one that it makes. */
  readonly toldBy?: string
  /** Such a text of the library's versions that tell by OpenTelemetry's API, bundled or not. */
  readonly seenBy?: string
  /**
   * Exports of an ES module that the function reads; all where absent. A bundler leaves out what nobody reads: a file
   * that exports more than one thing should say.
   */
  readonly names?: readonly string[]
  /** Bindings of an ES module that are replaced, exported or not: names of its functions, classes, `let`s or `const`s. */
  readonly rebind?: readonly string[]
}

export type Wrap = (loaded: LoadedModule) => void

export interface ModuleHooksOptions {
  readonly files: readonly HookedFile[]
  /** What a bundle has for modules that have run; asked for when the first of them has, and for each again. */
  readonly load: (chunk: string) => Readonly<Record<string, Wrap>>
  readonly guard: Guard
  readonly subscribe: Subscribe
  /** Told of each file that is about to be read. */
  readonly read?: (url: string) => void
}

export interface ModuleHooks {
  /**
   * Hooks modules that load from now on: as long as nothing but `require` is used, by a hook that comes and goes. False on a
   * Node that cannot.
   */
  install(load: ModuleLoadStart): boolean
  readonly receive: Receive
}

export function createModuleHooks(options: ModuleHooksOptions): ModuleHooks {
  const { subscribe, files } = options
  let stopRequires = (): void => {}
  return {
    install({ kind, message: first }) {
      const register = createRegister(options)
      if (register === undefined) return false
      stopRequires()
      if (kind === 'import') register(() => {})
      else stopRequires = hookAroundRequires({ subscribe, files, first, register })
      return true
    },
    receive: createReceive(options),
  }
}

/** `undefined` on a Node that has no such hooks. */
function createRegister(options: ModuleHooksOptions): RegisterHook | undefined {
  const { registerHooks } = process.getBuiltinModule('module')
  if (typeof registerHooks !== 'function') return undefined
  const load = createLoad(options)
  return isRead => {
    const hooks = registerHooks({
      load(url, context, nextLoad) {
        const loaded = load(url, context, nextLoad)
        isRead(loaded.format === 'module')
        return loaded
      },
    })
    return () => hooks.deregister()
  }
}

function createLoad(options: ModuleHooksOptions): LoadHookSync {
  const byKey = new Map<string, HookedFile[]>()
  for (const each of options.files) {
    const key = `${each.package}/${each.file}`
    byKey.set(key, [...(byKey.get(key) ?? []), each])
  }
  /** By the package's folder: it may have many files. */
  const versions = new Map<string, unknown>()
  function isWanted(file: HookedFile, root: string): boolean {
    if (file.versions === '*') return true
    const folder = root + file.package
    if (!versions.has(folder)) versions.set(folder, readVersion(folder))
    const version = versions.get(folder)
    return typeof version === 'string' && isInRange(version, file.versions)
  }
  return (url, context, nextLoad) => {
    options.read?.(url)
    const loaded = nextLoad(url, context)
    const at = url.lastIndexOf(NODE_MODULES)
    const files = at === -1 ? undefined : byKey.get(url.slice(at + NODE_MODULES.length))
    if (files === undefined || loaded.source == null) return loaded
    const root = url.slice(0, at + NODE_MODULES.length)
    const file = options.guard.run('hooking a module', () => files.find(f => isWanted(f, root)))
    if (file === undefined) return loaded
    return { ...loaded, source: addLine(file, toText(loaded.source), loaded.format) }
  }
}

function createReceive({ files, load, guard }: ModuleHooksOptions): Receive {
  const chunks = new Map(files.map(({ library, wrap, chunk }) => [`${library}.${wrap}`, chunk]))
  return (library, wrap, loaded) => {
    // A bundle may hold the line of a library that is switched off.
    const chunk = chunks.get(`${library}.${wrap}`)
    if (chunk !== undefined) guard.run(`hooking ${library}`, () => load(chunk)[wrap]?.(loaded))
  }
}

/** The source of a listed file with its line; a bundler's plugin makes the same of it. */
export const addLine = (
  file: HookedFile,
  source: string,
  format: string | null | undefined,
): string => openBindings(source, file) + lastLine(file, format)

/**
 * The source with the `const`s among the bindings that are replaced as `let`s. Nothing moves: a place in the source stays
 * what it was.
 */
function openBindings(source: string, { rebind = [] }: HookedFile): string {
  return rebind.reduce(
    (text, name) =>
      text.replace(new RegExp(`^((?:export )?)const ${name}(?= =)`, 'm'), `$1let   ${name}`),
    source,
  )
}

/** The line alone. */
export function lastLine(file: HookedFile, format: string | null | undefined): string {
  const call = `globalThis[Symbol.for("baton:loaded")]?.("${file.library}","${file.wrap}",`
  // A file that nothing declares as an ES module may still be one.
  if (format !== 'module') return `\n;${call}typeof module==="object"?module:{})`
  const self = JSON.stringify(`./${file.file.slice(file.file.lastIndexOf('/') + 1)}`)
  // Of a namespace that is read by names bundlers keep these alone; a name that there is not is no error.
  const getters = file.names?.map(name => `get ${name}(){return $baton.${name}}`)
  const exports = getters === undefined ? '$baton' : `{${getters.join()}}`
  const setters = (file.rebind ?? []).map(
    name => `${name}:(...$to)=>$to.length?${name}=$to[0]:${name}`,
  )
  return `\n;import*as $baton from${self};${call}{exports:${exports},rebind:{${setters.join()}}})`
}

function readVersion(folder: string): unknown {
  const manifest = readFileSync(new URL(`${folder}/package.json`), 'utf8')
  return (JSON.parse(manifest) as { version?: unknown }).version
}

/** As `TextDecoder` does it, which takes 0.1 ms to load. */
function toText(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  if (typeof source === 'string') return source
  const bytes = ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    : Buffer.from(source)
  const text = bytes.toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
