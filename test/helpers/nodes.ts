// Installs the other Nodes that Baton serves on, which tests start by path, unless they are here already.
//   node test/helpers/nodes.ts
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The names under which test/nodes/package.json has them. */
export const NODE_NAMES = ['node22', 'node26'] as const

const FOLDER = join(import.meta.dirname, '..', 'nodes')

/** The binary of one of them. */
export const nodePath = (name: (typeof NODE_NAMES)[number]): string =>
  join(FOLDER, 'node_modules', name, 'bin', 'node')

/** Brings them all, by the lock; the process ends with npm's status if that fails. */
export function installNodes(): void {
  if (NODE_NAMES.every(name => existsSync(nodePath(name)))) return
  const { status, error } = spawnSync('npm', ['ci', '--prefix', FOLDER], {
    stdio: 'inherit',
  })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

if (import.meta.main) installNodes()
