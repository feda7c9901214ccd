// What the plugins for all bundlers share: which file of a bundle is a listed one, and the line that it gets. The line is the
// one that the module hook adds, at the end of the file, so that no line before it moves and source maps stay right.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative, sep } from 'node:path'
import { compileFunction } from 'node:vm'
import { addLine, type HookedFile } from '../hooks/module-hooks.ts'
import { isInRange } from '../hooks/version-range.ts'
import { HOOKED_FILES } from '../libraries/hooked-files.ts'
import { isSelected } from '../libraries/selection.ts'

/** What a plugin takes. Libraries are named as in docs/libraries.md. */
export interface BatonOptions {
  /** Only these libraries are instrumented; all where absent. */
  readonly enabled?: readonly string[]
  /** These are not, even if they are enabled. */
  readonly disabled?: readonly string[]
}

export interface FileInstrumenter {
  /** Matches the paths of all listed files, and of few others: the rest need not be looked at. */
  readonly filter: RegExp
  /** Whether the file of that absolute path is a listed one. */
  isListed(path: string): boolean
  /** The file of that absolute path and source with its line; `undefined` for one that is not listed. */
  instrument(path: string, source: string): string | undefined
}

interface Package {
  readonly folder: string
  readonly name: string
  readonly version: string
}

/** Throws TypeError for a name that is no library's: a misspelt one would be left out in silence. */
export function createFileInstrumenter(options: BatonOptions = {}): FileInstrumenter {
  const known = new Set(HOOKED_FILES.map(({ library }) => library))
  for (const name of [...(options.enabled ?? []), ...(options.disabled ?? [])]) {
    if (known.has(name)) continue
    throw new TypeError(`baton: expected one of ${[...known].join(', ')}, got "${name}"`)
  }
  const selection = { enabled: options.enabled, disabled: options.disabled ?? [] }
  const files = HOOKED_FILES.filter(({ library }) => isSelected(selection, library))
  const packages = new Map<string, Package | undefined>()
  const filter = filterOf(files)
  const find = (path: string): HookedFile | undefined => {
    const owner = filter.test(path) ? packageOf(dirname(path), packages) : undefined
    if (owner === undefined) return undefined
    const inside = relative(owner.folder, path).replaceAll(sep, '/')
    return files.find(
      each =>
        each.file === inside &&
        each.package === owner.name &&
        isInRange(owner.version, each.versions),
    )
  }
  return {
    filter,
    isListed: path => find(path) !== undefined,
    instrument(path, source) {
      const file = find(path)
      return file && addLine(file, source, formatOf(path, source))
    },
  }
}

/** By the last part of the path: what stands before it differs among package managers and workspaces. */
function filterOf(files: readonly HookedFile[]): RegExp {
  const names = files.map(({ file }) => file.slice(file.lastIndexOf('/') + 1))
  const escaped = [...new Set(names)].map(name => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`[\\\\/](?:${escaped.join('|')})$`)
}

/**
 * The package that a folder belongs to, by the nearest package.json that names one: those that only say which kind of
 * modules a folder has are passed by, and a package that was installed by another name, or linked, is found as well.
 */
function packageOf(folder: string, known: Map<string, Package | undefined>): Package | undefined {
  if (known.has(folder)) return known.get(folder)
  const parent = dirname(folder)
  const own = readPackage(folder)
  const outer = parent === folder ? undefined : packageOf(parent, known)
  // A package may have a copy of its package.json beside what was built of it.
  const found = own === undefined || own.name === outer?.name ? outer : own
  known.set(folder, found)
  return found
}

function readPackage(folder: string): Package | undefined {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return undefined
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>
  const { name, version } = manifest
  return typeof name === 'string' && typeof version === 'string'
    ? { folder, name, version }
    : undefined
}

/** Bundlers go by the syntax: files that only a bundler reads are often ES modules that no package.json declares. */
function formatOf(path: string, source: string): 'module' | 'commonjs' {
  if (extname(path) === '.mjs') return 'module'
  if (extname(path) === '.cjs') return 'commonjs'
  try {
    compileFunction(source, ['exports', 'require', 'module', '__filename', '__dirname'])
    return 'commonjs'
  } catch {
    return 'module'
  }
}
