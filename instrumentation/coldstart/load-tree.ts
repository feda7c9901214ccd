// The tree of module loads as it is shown: each file by its package and path, and what each package cost that the function
// itself asks for. A chunk of its own: functions of one quick file never read it.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE_MODULES, packageNameOf } from '../hooks/package-name.ts'
import { ATTR_CODE_FILE_PATH } from '../semconv.ts'
import type { InitPart } from './init-phase.ts'
import type { ModuleLoad } from './module-loads.ts'

export interface TreeOptions {
  readonly minMs: number
  readonly maxParts: number
  readonly taskRoot: string
}

export interface LoadTree {
  readonly parts: readonly InitPart[]
  /** `NAME MILLISECONDS ms`, the slowest first; absent where there is none. */
  readonly packages: string[] | undefined
  /** Loads that took long enough and are not among the parts. */
  readonly omitted: number
}

/** Enough for the one that is to be dropped. */
const MAX_PACKAGES = 20

/** Keeps the slowest: one that is kept has all above it kept as well, since these took longer. */
export function treeOf(roots: readonly ModuleLoad[], options: TreeOptions): LoadTree {
  const all = roots.flatMap(flatten).sort((a, b) => lengthOf(b) - lengthOf(a))
  const kept = new Set(all.slice(0, Math.max(0, options.maxParts)))
  const costs = new Map<string, number>()
  for (const root of roots) addCosts(root, costs)
  const packages = [...costs]
    .filter(([, ms]) => ms >= options.minMs)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_PACKAGES)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
  return {
    parts: toParts(roots, kept, options.taskRoot),
    packages: packages.length === 0 ? undefined : packages,
    omitted: all.length - kept.size,
  }
}

const lengthOf = ({ startMs, endMs }: ModuleLoad): number => endMs - startMs

/** Those above come first, so that they stay before what is as long. */
const flatten = (load: ModuleLoad): ModuleLoad[] => [load, ...load.children.flatMap(flatten)]

/** By package, from the first file of it on each way down: what it needs itself is part of its cost. */
function addCosts(load: ModuleLoad, costs: Map<string, number>): void {
  const name = packageOf(load)
  if (name !== undefined) {
    costs.set(name, (costs.get(name) ?? 0) + lengthOf(load))
    return
  }
  for (const child of load.children) addCosts(child, costs)
}

function toParts(
  loads: readonly ModuleLoad[],
  kept: ReadonlySet<ModuleLoad>,
  taskRoot: string,
): InitPart[] {
  return loads
    .filter(load => kept.has(load))
    .map(load => {
      const path = pathOf(load)
      const children = toParts(load.children, kept, taskRoot)
      return {
        name: `${load.kind} ${shorten(path ?? load.id, taskRoot)}`,
        startMs: load.startMs,
        endMs: load.endMs,
        isFailed: load.isFailed,
        ...(path !== undefined && { attributes: { [ATTR_CODE_FILE_PATH]: path } }),
        children: load.readMs === undefined ? children : splitImport(load, load.readMs, children),
      }
    })
}

/** First all modules of a graph are read, then they run. Of those that run Node tells only what they require. */
function splitImport(
  { startMs, endMs }: ModuleLoad,
  readMs: number,
  children: readonly InitPart[],
): readonly InitPart[] {
  const isRun = (part: InitPart): boolean => part.startMs >= readMs
  return [
    { name: 'read', startMs, endMs: readMs, children: children.filter(part => !isRun(part)) },
    { name: 'run', startMs: readMs, endMs, children: children.filter(isRun) },
  ]
}

/** The file that was asked for, as far as it is known without looking for it: by name it is only the package. */
function pathOf({ id, from }: ModuleLoad): string | undefined {
  if (id.startsWith('file:')) return fileURLToPath(id)
  if (id.startsWith('/')) return id
  if (!id.startsWith('.') || from === undefined) return undefined
  return resolve(dirname(from.startsWith('file:') ? fileURLToPath(from) : from), id)
}

function packageOf(load: ModuleLoad): string | undefined {
  const path = pathOf(load)
  const at = path?.lastIndexOf(NODE_MODULES) ?? 0
  if (path !== undefined && at === -1) return undefined
  const name = path === undefined ? load.id : path.slice(at + NODE_MODULES.length)
  if (path === undefined && process.getBuiltinModule(name) !== undefined) return undefined
  return packageNameOf(name)
}

/** Below the package, or below the function's folder. */
function shorten(path: string, taskRoot: string): string {
  const at = path.lastIndexOf(NODE_MODULES)
  if (at !== -1) return path.slice(at + NODE_MODULES.length)
  return path.startsWith(`${taskRoot}/`) ? path.slice(taskRoot.length + 1) : path
}
