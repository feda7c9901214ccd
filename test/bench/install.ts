// Contenders come from npm, each into a folder with a lock file of its own: nothing of theirs reaches the repository's
// dependencies, and their install scripts run there alone.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// aws-lambda-ric compiles libcurl, aws-lambda-cpp and its addon when it is installed.
const BUILD_TOOLS = ['g++', 'make', 'cmake', 'python3']

/** Installs what the folder's lock file names, unless `packageName` is there in the wanted version. */
export function installContender(
  folder: string,
  packageName: string,
  { root, node }: { root: string; node: string },
): void {
  const wanted = readVersion(join(folder, 'package.json'), packageName)
  if (installedVersion(folder, packageName) === wanted) return
  const missing = BUILD_TOOLS.filter(tool => !isOnPath(tool))
  if (missing.length > 0) {
    throw new Error(
      `${packageName} is compiled when it is installed: expected ${BUILD_TOOLS.join(', ')} on the PATH, missing ${missing.join(', ')}`,
    )
  }
  console.error(`Installing ${packageName}@${wanted}: it is compiled, which takes about a minute.`)
  const done = spawnSync('npm', ['ci', '--ignore-scripts=false', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      // The npm package of Node.js has the headers; without this, node-gyp downloads them.
      npm_config_nodedir: join(root, 'node_modules', `node-linux-${process.arch}`),
      npm_config_ignore_scripts: 'false',
      PATH: `${join(node, '..')}:${process.env.PATH}`,
    },
  })
  if (done.status !== 0) {
    throw new Error(`npm ci in ${folder} failed (${done.status}):\n${done.stderr}`)
  }
}

function readVersion(packageJson: string, packageName: string): string | undefined {
  const parsed: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(packageJson, 'utf8'),
  )
  return parsed.dependencies?.[packageName]
}

function installedVersion(folder: string, packageName: string): string | undefined {
  // npm writes this file last, so an install that was broken off has none.
  const lock = join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(lock)) return undefined
  const parsed: { packages?: Record<string, { version?: string }> } = JSON.parse(
    readFileSync(lock, 'utf8'),
  )
  return parsed.packages?.[`node_modules/${packageName}`]?.version
}

function isOnPath(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool]).status === 0
}
