// Tells when the first module of a package is about to load, so that a function of one file, or a bundle, never pays for
// hooks. Node publishes each `require` before it resolves it, and each `import()`; of the static imports below one it
// says nothing, so that there it counts whether any packages are in reach.
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Subscribe } from './channels.ts'
import { NODE_MODULES } from './package-name.ts'

/** Where packages may lie: beside the handler's file, in the folders above it, and on NODE_PATH. */
export interface SearchPaths {
  /** Folder of the function's code; the working directory where it is not set. */
  readonly taskRoot: string | undefined
  /** Path of the handler in it, with the name of what it exports. */
  readonly handler: string
  readonly nodePath: string | undefined
}

/** Of a package. */
export interface ModuleLoadStart {
  readonly kind: 'require' | 'import'
  /** What Node published. */
  readonly message: object
}

/**
 * Calls back before the first `require` of a package is resolved, and before the first `import`: once each, and not for a
 * `require` that comes after an `import`.
 */
export function whenModulesLoad(
  subscribe: Subscribe,
  paths: SearchPaths,
  act: (load: ModuleLoadStart) => void,
): void {
  const ends: (() => void)[] = []
  const listen = (kind: ModuleLoadStart['kind'], isIt: (id: string) => boolean): void => {
    const end = subscribe(`tracing:module.${kind}:start`, message => {
      // What is asked for: `require` and `import` have different names for it.
      const { id, url } = message as { readonly id?: unknown; readonly url?: unknown }
      if (!isIt(String(id ?? url))) return
      if (kind === 'import') for (const each of ends.splice(0)) each()
      else end()
      act({ kind, message: message as object })
    })
    ends.push(end)
  }
  listen('require', isPackage)
  listen('import', id => isPackage(id) || hasPackages(paths))
}

/** A bare name that is none of Node's own modules, or a path into a package. */
export function isPackage(id: string): boolean {
  if (id.includes(NODE_MODULES)) return true
  const isPath = id.startsWith('.') || id.startsWith('/') || id.startsWith('file:')
  // What is asked for here is loaded in a moment anyway.
  return !isPath && process.getBuiltinModule(id) === undefined
}

/** Looks at a few folders: 2 µs each. */
export function hasPackages(paths: SearchPaths): boolean {
  const folders = (paths.nodePath ?? '').split(':').filter(path => path.endsWith('/node_modules'))
  const start = resolve(paths.taskRoot ?? '', dirname(paths.handler))
  for (let folder = start; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    folders.push(`${folder}/node_modules`)
  }
  return folders.some(folder => existsSync(folder))
}
