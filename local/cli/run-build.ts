// `baton build`: the repository's own build, in a process of its own, on the Node that the repository pins.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BuildCommand } from './parse-arguments.ts'

/** The repository is two folders up from the source and from the bundle alike. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Resolves with the exit status of the build. */
export async function runBuild({ args }: BuildCommand): Promise<number> {
  // The build is TypeScript, which an older Node on the PATH does not run.
  const pinned = `${ROOT}node_modules/.bin/node`
  const node = existsSync(pinned) ? pinned : process.execPath
  const child = spawn(node, [`${ROOT}docker/build.ts`, ...args], { stdio: 'inherit' })
  const [code] = await once(child, 'close')
  return code ?? 1
}
