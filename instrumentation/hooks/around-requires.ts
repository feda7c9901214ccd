// A hook on modules that is there only while it may be needed. While any is registered Node takes a longer way for each
// CommonJS file, of about 60 us: a tenth of what pg and ioredis take to load. Node publishes each `require` before it looks for
// the file, so the hook is registered for those that may be after a listed one, until that file has been read.
//
//   require('pg')        registered -> pg/lib/index.js is read, and gets its line -> removed -> it runs
//   require('./query')   is no name of a listed file, or in no package that has one: nothing
//   require('esm-only')  registered -> an ES module is read -> stays until `require` is done: of its imports nothing is published
import type { Subscribe } from './channels.ts'
import type { HookedFile } from './module-hooks.ts'
import { NODE_MODULES, packageNameOf } from './package-name.ts'
import { isPackage } from './when-modules-load.ts'

/** Registers a hook that says of each file that is read whether it is an ES module; answers what removes it. */
export type RegisterHook = (isRead: (isEsModule: boolean) => void) => () => void

export interface AroundRequiresOptions {
  readonly subscribe: Subscribe
  /** The listed ones. */
  readonly files: readonly Pick<HookedFile, 'package' | 'file'>[]
  /** What Node has published of the `require` under way. */
  readonly first: object
  readonly register: RegisterHook
}

/** Answers what ends it. */
export function hookAroundRequires(options: AroundRequiresOptions): () => void {
  const { subscribe, register } = options
  const mayBeListed = createFilter(options.files)
  /** The `require` that the hook is there for. */
  let wanted: unknown
  let remove: (() => void) | undefined
  let isGraph = false

  function start(message: unknown): void {
    if (remove !== undefined || !mayBeListed(message as RequireMessage)) return
    wanted = message
    remove = register(isEsModule => {
      isGraph ||= isEsModule
      if (!isGraph) stop()
    })
  }
  function stop(): void {
    remove?.()
    remove = undefined
    wanted = undefined
    isGraph = false
  }

  start(options.first)
  const ends = [
    subscribe('tracing:module.require:start', start),
    // One that was loaded before, or that cannot be, reads nothing.
    subscribe('tracing:module.require:end', message => {
      if (message === wanted) stop()
    }),
  ]
  return () => {
    for (const end of ends) end()
    stop()
  }
}

interface RequireMessage {
  readonly id?: unknown
  /** Absent where an ES module asks. */
  readonly parentFilename?: unknown
}

function createFilter(files: AroundRequiresOptions['files']): (asked: RequireMessage) => boolean {
  // A file is asked for by its own name or by that of a folder above it; `.`, `..` and `./` are folders of any name.
  const names = new Set(files.flatMap(({ file }) => file.split('/').map(withoutExtension)))
  const packages = new Set(files.map(each => each.package))
  return ({ id: given, parentFilename }) => {
    const id = String(given)
    if (!id.startsWith('.')) return id.endsWith('.mjs') || isPackage(id)
    const name = withoutExtension(id.slice(id.lastIndexOf('/') + 1))
    const mayBe = names.has(name) || name === '' || id.endsWith('.')
    if (!mayBe) return false
    const path = String(parentFilename)
    const at = path.lastIndexOf(NODE_MODULES)
    return at !== -1 && packages.has(packageNameOf(path.slice(at + NODE_MODULES.length)))
  }
}

const withoutExtension = (name: string): string => name.replace(/\.[cm]?js$/, '')
