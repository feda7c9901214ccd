// Once, after the first answer: if the handler's file is as large as a bundle, what it holds that nothing sees is told in one
// line. A small file costs a look at its size.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Log } from '../../runtime/contract.ts'
import type { SearchPaths } from '../hooks/when-modules-load.ts'

export interface BundleCheckOptions {
  readonly modules: SearchPaths
  /** Looks through a bundle; asked for only where there may be one. */
  readonly findUnseen: (path: string) => readonly string[]
  readonly log: Log
}

/** Hardly a bundle is smaller. */
const MIN_BYTES = 16 * 1024
/** In the order in which the handler's file is looked for. */
const EXTENSIONS = ['.js', '.mjs', '.cjs']

export function checkBundle({ modules, findUnseen, log }: BundleCheckOptions): void {
  const path = findHandlerFile(modules)
  if (path === undefined) return
  const unseen = findUnseen(path)
  if (unseen.length === 0) return
  log.warn(
    `baton: the bundle holds ${unseen.join(', ')}, and nothing sees what is done with it. Bundle with the plugin of ` +
      `baton/esbuild, baton/rollup, baton/vite or baton/webpack, or leave it out of the bundle ("external"). ` +
      'BATON_BUNDLE_CHECK=false silences this.',
  )
}

/** `undefined` for a file that is too small to be a bundle. */
function findHandlerFile({ taskRoot, handler }: SearchPaths): string | undefined {
  const slash = handler.lastIndexOf('/') + 1
  const dot = handler.indexOf('.', slash)
  const module = resolve(taskRoot ?? '', dot === -1 ? handler : handler.slice(0, dot))
  for (const extension of EXTENSIONS) {
    const path = `${module}${extension}`
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isFile()) return stats.size >= MIN_BYTES ? path : undefined
  }
  return undefined
}
