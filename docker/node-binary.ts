// Puts the pinned Node binary into the layer. Its symbol table (a seventh of it) is of no use at run time and would be
// read from disk by a cold start.
import { execFile } from 'node:child_process'
import { chmod, copyFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { formatBytes } from './size.ts'

/**
 * Copies the binary of the npm package node-linux-ARCH to `target`, and writes beside it which Node it is: the bootstrap
 * needs the major version before it starts it. Answers what it is, for the build's report.
 */
export async function installNode(
  root: string,
  arch: 'x64' | 'arm64',
  target: string,
): Promise<string> {
  const require = createRequire(join(root, 'package.json'))
  const source = resolvePackage(require, `node-linux-${arch}`)
  await copyFile(join(source.folder, 'bin', 'node'), target)
  await chmod(target, 0o755)
  await writeFile(join(dirname(target), 'node-major'), `${Number.parseInt(source.version, 10)}\n`)
  const isStripped = await strip(target)
  const { size } = await stat(target)
  return `Node ${source.version}, ${formatBytes(size)}${isStripped ? ', stripped' : ' (not stripped: no strip command here)'}`
}

function resolvePackage(
  require: NodeJS.Require,
  name: string,
): { folder: string; version: string } {
  try {
    const manifest = require.resolve(`${name}/package.json`)
    return {
      folder: join(manifest, '..'),
      version: (require(manifest) as { version: string }).version,
    }
  } catch (cause) {
    throw new Error(
      `expected the npm package ${name} in node_modules (npm ci installs it), got none`,
      { cause },
    )
  }
}

async function strip(file: string): Promise<boolean> {
  try {
    await promisify(execFile)('strip', [file])
    return true
  } catch (error) {
    // binutils is not on every machine; a strip that fails is another matter.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
